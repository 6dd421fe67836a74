/** The corner of the page that says how the connection is, with the one button that makes sense in that state. */
import { connectionWords } from "./connection-words.ts";
import type { ConnectionWords } from "./connection-words.ts";
import { part, setText } from "./parts.ts";
import type { ShownConnection } from "./view.ts";

/** Of the countdown to the next attempt. */
const TICK_MS = 250;
/** For so long after it connected a press is still meant for "Reconnect now", and must not do the contrary. */
const SETTLE_MS = 600;

export class ConnectionBadge {
  readonly #root: HTMLElement;
  readonly #label: HTMLElement;
  readonly #detail: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #announce: (text: string) => void;
  #shown: ShownConnection | undefined;
  #announced = "";
  /** What the button does. */
  #act: ConnectionWords["act"] | undefined;
  /** When it ceased to offer to connect. */
  #connectedMs = -SETTLE_MS;

  constructor(root: HTMLElement, announce: (text: string) => void) {
    this.#root = root;
    this.#announce = announce;
    this.#label = part(root, "connection-label", HTMLElement);
    this.#detail = part(root, "connection-detail", HTMLElement);
    this.#button = part(root, "connection-act", HTMLButtonElement);
    this.#button.addEventListener("click", () => {
      if (this.#act === "disconnect" && performance.now() - this.#connectedMs < SETTLE_MS) return;
      if (this.#act !== undefined) this.#shown?.[this.#act]();
    });
    setInterval(() => this.#draw(), TICK_MS);
  }

  show(shown: ShownConnection): void {
    this.#shown = shown;
    this.#draw();
  }

  /** While there is nothing to be connected to. */
  hide(): void {
    this.#shown = undefined;
    this.#root.hidden = true;
  }

  #draw(): void {
    if (this.#shown === undefined) return;
    const { tone, label, detail, act, actLabel } = connectionWords(this.#shown.status, Date.now());
    if (this.#root.dataset["tone"] !== tone) this.#root.dataset["tone"] = tone;
    setText(this.#label, label);
    setText(this.#detail, detail);
    setText(this.#button, actLabel);
    this.#root.hidden = this.#button.hidden = false;
    if (this.#act === "connect" && act === "disconnect") this.#connectedMs = performance.now();
    this.#act = act;
    // The countdown is for the eyes: it would be said once a second.
    if (label !== this.#announced) this.#announce(`Connection: ${label}`);
    this.#announced = label;
  }
}
