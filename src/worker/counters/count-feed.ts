/** What viewers of a tenant are sent: its count, whole each time, so nothing can be missed but what it was in between. */
import type { CountState, ItemCounter } from "../../core/counters/item-counter.ts";
import { parseOffset } from "../../core/offset.ts";
import type { CountFrame } from "../../protocol/counters.ts";
import { OffsetTextSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Feed, Step } from "../live/feed.ts";

export class CountFeed implements Feed {
  readonly #tenant: string;
  readonly #current: () => ItemCounter;

  /** @param current the counter as of now; erasing puts another in its place */
  constructor(tenant: string, current: () => ItemCounter) {
    this.#tenant = tenant;
    this.#current = current;
  }

  parsePosition(text: string): Result<string> {
    return parse(OffsetTextSchema, text, "since");
  }

  head(): string {
    return this.#current().state().offset;
  }

  step(_topic: string, position: string | undefined): Step {
    const counter = this.#current();
    const state = counter.state();
    const since = position === undefined ? undefined : parseOffset(position);
    const isReset = since !== undefined && !counter.isPast(since);
    const frame = this.#frame(state);
    return { frames: isReset ? [{ type: "reset" }, frame] : [frame], position: state.offset };
  }

  #frame({ count, offset }: CountState): CountFrame {
    return { type: "count", tenant: this.#tenant, count, offset };
  }
}
