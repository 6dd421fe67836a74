/** The current slice in figures: users, clicks and impressions, when it is, and how old the figures can be. */
import { clockTime, isoTime } from "../clock-time.ts";
import { count, counted } from "../count-words.ts";
import { showFigure } from "../figure.ts";
import { tint } from "../motion.ts";
import { part, setText } from "../parts.ts";
import type { CurrentSlice } from "./site-session.ts";
import { durationWords, sliceSpan } from "./slice-words.ts";

const FIGURES = ["users", "clicks", "impressions"] as const;

export interface SliceReading {
  readonly current: CurrentSlice | undefined;
  readonly sliceMs: number;
  readonly late: number | undefined;
}

export class SliceReadout {
  readonly #figures: readonly HTMLElement[];
  readonly #clicksEach: HTMLElement;
  readonly #impressionsEach: HTMLElement;
  readonly #span: HTMLElement;
  readonly #end: HTMLElement;
  readonly #asOf: HTMLTimeElement;
  readonly #late: HTMLElement;
  #drawn: CurrentSlice | undefined;

  constructor(root: ParentNode & Element) {
    this.#figures = FIGURES.map((name) => part(root, name, HTMLElement));
    this.#clicksEach = part(root, "clicks-each", HTMLElement);
    this.#impressionsEach = part(root, "impressions-each", HTMLElement);
    this.#span = part(root, "span", HTMLElement);
    this.#end = part(root, "end", HTMLElement);
    this.#asOf = part(root, "as-of", HTMLTimeElement);
    this.#late = part(root, "late", HTMLElement);
  }

  draw({ current, sliceMs, late }: SliceReading, nowMs: number): void {
    if (current === undefined) return;
    for (const [index, name] of FIGURES.entries()) {
      const figure = this.#figures[index];
      if (figure === undefined) continue;
      showFigure(figure, count(current[name]));
      // That the next slice begins is no event of its.
      const isSame = this.#drawn?.startMs === current.startMs;
      const dial = figure.parentElement;
      if (isSame && this.#drawn?.[name] !== current[name] && dial !== null) tint(dial);
    }
    this.#drawn = current;
    const { startMs, users, clicks, impressions, asOfMs } = current;
    setText(this.#clicksEach, perUser(clicks, users));
    setText(this.#impressionsEach, perUser(impressions, users));
    setText(this.#span, sliceSpan(startMs, sliceMs, nowMs));
    const leftMs = startMs + sliceMs - nowMs;
    setText(this.#end, leftMs > 0 ? `ends in ${durationWords(leftMs)}` : "has ended");
    setText(this.#asOf, clockTime(asOfMs, nowMs));
    this.#asOf.dateTime = isoTime(asOfMs);
    setText(this.#late, lateWords(late));
    this.#late.toggleAttribute("data-some", late !== undefined && late > 0);
  }
}

function perUser(events: number, users: number): string {
  return users === 0 ? "none yet" : `${(events / users).toFixed(1)} per user`;
}

/** Nothing, until it is known. */
function lateWords(late: number | undefined): string {
  if (late === undefined) return "";
  return late === 0 ? ", none late" : `, ${counted(late, "event")} late`;
}
