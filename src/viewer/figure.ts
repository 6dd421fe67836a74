/** The large figures of a readout, which are set smaller where they would not fit. */
import { setText } from "./parts.ts";

/** `999,999` fits everywhere. */
const LENGTH_MAX = 7;

export function showFigure(element: HTMLElement, text: string): void {
  setText(element, text);
  element.toggleAttribute("data-long", text.length > LENGTH_MAX);
}
