/**
 * The log of what was processed, as far as one turn adds to it and retention takes from it. Segments are of turns, cut
 * where a row of the database would become too long, and go as a whole.
 */
import type { LogExtent, LogSegment, StreamStore } from "./stream-store.ts";

/** A row of the database takes 2 MB, and a UTF-16 code unit is at most 3 bytes of UTF-8. */
export const SEGMENT_UNITS_MAX = 600_000;

/** What the log may hold in all, whatever the retention: an object has room for 10 GB. */
const LOG_UNITS_MAX = 1 << 30;

/** How much a segment holds, and where it ends. */
interface SegmentExtent {
  readonly start: number;
  readonly last: number;
  readonly events: number;
  readonly units: number;
}

export class LogWriter {
  #segments: LogSegment[] = [];
  #lines: string[] = [];
  #units = 0;
  #last = 0;
  #oldest: SegmentExtent | undefined;

  add(sequence: number, line: string): void {
    if (this.#units + line.length >= SEGMENT_UNITS_MAX) this.#cut();
    this.#lines.push(line);
    this.#units += line.length + 1;
    this.#last = sequence;
  }

  /** What was added since the last time. */
  take(): readonly LogSegment[] {
    this.#cut();
    const segments = this.#segments;
    this.#segments = [];
    return segments;
  }

  /** The log with `added` in it and what is too old taken away, a segment at a time; at least `eventsMin` stay. */
  retain(
    extent: LogExtent,
    added: readonly LogSegment[],
    eventsMin: number,
    store: Pick<StreamStore, "segmentsAfter">,
  ): LogExtent {
    let { start, events, units } = extent;
    for (const segment of added) {
      events += segment.events;
      units += segment.text.length;
    }
    while (events > eventsMin || units > LOG_UNITS_MAX) {
      const oldest = this.#oldestAfter(start, store);
      if (oldest === undefined || (events - oldest.events < eventsMin && units <= LOG_UNITS_MAX)) break;
      start = oldest.last;
      events -= oldest.events;
      units -= oldest.units;
    }
    return { start, events, units };
  }

  /** Looked up once for each segment, since it is asked for in each turn until it goes. */
  #oldestAfter(start: number, store: Pick<StreamStore, "segmentsAfter">): SegmentExtent | undefined {
    if (this.#oldest?.start === start) return this.#oldest;
    const [segment] = store.segmentsAfter(start, 0);
    if (segment === undefined) return undefined;
    const { last, events, text } = segment;
    return (this.#oldest = { start, last, events, units: text.length });
  }

  #cut(): void {
    if (this.#lines.length === 0) return;
    this.#segments.push({ last: this.#last, events: this.#lines.length, text: this.#lines.join("\n") });
    this.#lines = [];
    this.#units = 0;
  }
}
