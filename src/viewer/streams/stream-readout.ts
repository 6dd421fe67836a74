/** A stream in figures: how far it is and how fast, what waits and for what, and who is there. */
import type { StatusAnswer } from "../../protocol/streams.ts";
import { count, counted } from "../count-words.ts";
import { showFigure } from "../figure.ts";
import { part, setText } from "../parts.ts";
import { rateWords } from "../rate-meter.ts";
import { gapOutlook, gapWords, lossWords } from "./stream-words.ts";

const TYPES = ["follow", "unfollow", "broadcast", "private", "status"] as const;

export class StreamReadout {
  readonly #cursor: HTMLElement;
  readonly #rate: HTMLElement;
  readonly #buffered: HTMLElement;
  readonly #room: HTMLElement;
  readonly #users: HTMLElement;
  readonly #sources: HTMLElement;
  readonly #gap: HTMLElement;
  readonly #outlook: HTMLElement;
  readonly #losses: HTMLElement;
  readonly #totals: readonly HTMLElement[];

  constructor(root: ParentNode & Element) {
    this.#cursor = part(root, "cursor", HTMLElement);
    this.#rate = part(root, "rate", HTMLElement);
    this.#buffered = part(root, "buffered", HTMLElement);
    this.#room = part(root, "room", HTMLElement);
    this.#users = part(root, "users", HTMLElement);
    this.#sources = part(root, "sources", HTMLElement);
    this.#gap = part(root, "gap", HTMLElement);
    this.#outlook = part(root, "outlook", HTMLElement);
    this.#losses = part(root, "losses", HTMLElement);
    this.#totals = TYPES.map((type) => part(root, `total-${type}`, HTMLElement));
  }

  draw(state: StatusAnswer | undefined, perSecond: number, nowMs: number): void {
    if (state === undefined) return;
    const { cursor, buffered, gap, users, sources, totals, options } = state;
    showFigure(this.#cursor, count(cursor));
    setText(this.#rate, rateWords(perSecond));
    this.#rate.toggleAttribute("data-some", perSecond > 0);
    showFigure(this.#buffered, count(buffered));
    setText(this.#room, `of at most ${count(options.max_buffered)}`);
    showFigure(this.#users, count(users));
    setText(this.#sources, `connected, and ${counted(sources, "source")}`);
    setText(this.#gap, gap === null ? "None" : gapWords(gap));
    this.#gap.toggleAttribute("data-some", gap !== null);
    setText(this.#outlook, gapOutlook(gap, nowMs));
    setText(this.#losses, lossWords(totals));
    for (const [index, type] of TYPES.entries()) {
      const total = this.#totals[index];
      if (total !== undefined) setText(total, count(totals[type]));
    }
  }
}
