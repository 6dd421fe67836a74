/**
 * What viewers of a slice are sent: its totals, whole each time, so nothing can be missed but what it was in between. Totals
 * only grow, so a viewer that has seen more events than there are has seen those of a site that was erased since.
 */
import type { SliceFrame } from "../../protocol/analytics.ts";
import { SlicePositionSchema } from "../../protocol/analytics.ts";
import { parse } from "../../protocol/parse.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Feed, Frame, Step } from "../live/feed.ts";
import { toRow } from "./slice-answer.ts";
import type { SliceWatch } from "./slice-watch.ts";
import type { WatchedSlices } from "./watched-slices.ts";

export class SliceFeed implements Feed {
  readonly #watched: WatchedSlices;

  constructor(watched: WatchedSlices) {
    this.#watched = watched;
  }

  parsePosition(text: string): Result<string> {
    return parse(SlicePositionSchema, text, "since");
  }

  head(topic: string): string | undefined {
    return this.#watched.seen(topic)?.position();
  }

  /** A viewer that goes on to the next slice is first sent what became of the one it comes from. */
  step(topic: string, position: string | undefined): Step {
    const watch = this.#watched.seen(topic);
    if (watch === undefined) throw new Error("A topic must be opened before it has viewers");
    const seen = position === undefined ? undefined : parsePosition(position);
    const former = seen === undefined ? undefined : this.#watched.former(seen.start);
    const frames: Frame[] = [];
    if (seen !== undefined && isAhead(seen, former ?? watch)) frames.push({ type: "reset" });
    if (former !== undefined && former.position() !== position) frames.push(toFrame(former));
    frames.push(toFrame(watch));
    return { frames, position: watch.position() };
  }
}

interface Seen {
  readonly start: number;
  readonly events: number;
}

function parsePosition(position: string): Seen {
  const [start, events] = position.split(":");
  return { start: Number(start), events: Number(events) };
}

function isAhead(seen: Seen, watch: SliceWatch): boolean {
  return seen.start === watch.start && seen.events > watch.events();
}

function toFrame(watch: SliceWatch): SliceFrame {
  return {
    type: "slice",
    ...toRow(watch.start, watch.sum()),
    as_of: new Date(watch.asOfMs()).toISOString(),
  };
}
