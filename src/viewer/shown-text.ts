/** Text put where it is to be read, with what can't be seen made visible. */
import { visibleText } from "./visible-text.ts";

export function showText(host: HTMLElement, text: string): void {
  host.replaceChildren(
    ...visibleText(text).map(({ text: piece, stands }) => {
      if (stands === undefined) return piece;
      const sign = document.createElement("span");
      sign.className = "sign";
      sign.title = stands;
      sign.textContent = piece;
      return sign;
    }),
  );
}
