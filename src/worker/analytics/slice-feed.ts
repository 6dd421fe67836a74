/** What viewers of a slice are sent: its totals, whole each time, so nothing can be missed but what it was in between. */
import type { SliceFrame } from "../../protocol/analytics.ts";
import { SlicePositionSchema } from "../../protocol/analytics.ts";
import { parse } from "../../protocol/parse.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Feed, Step } from "../live/feed.ts";
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
    const former = this.#watched.former(Number.parseInt(position ?? "", 10));
    const frames = former === undefined || former.position() === position ? [] : [toFrame(former)];
    return { frames: [...frames, toFrame(watch)], position: watch.position() };
  }
}

function toFrame(watch: SliceWatch): SliceFrame {
  return {
    type: "slice",
    ...toRow(watch.start, watch.sum()),
    as_of: new Date(watch.asOfMs()).toISOString(),
  };
}
