/** The least a feed can be: a count that goes up. A frame brings a viewer at most {@link CounterFeed.step} further. */
import { succeed } from "../../../src/protocol/problem.ts";
import type { Result } from "../../../src/protocol/problem.ts";
import type { Feed, Step } from "../../../src/worker/live/feed.ts";

export interface CountFrame {
  readonly type: "count";
  readonly from: number;
  readonly to: number;
  readonly padding: string;
}

export class CounterFeed implements Feed {
  count = 0;
  /** Whether it knows how far it is. */
  isKnown = true;
  readonly #stepMax: number;
  readonly #padding: string;

  constructor(stepMax = Infinity, padding = "") {
    this.#stepMax = stepMax;
    this.#padding = padding;
  }

  parsePosition(text: string): Result<string> {
    return succeed(text);
  }

  head(): string | undefined {
    return this.isKnown ? String(this.count) : undefined;
  }

  step(_topic: string, position = "0"): Step {
    const from = Number(position);
    const to = Math.min(this.count, from + this.#stepMax);
    const frame: CountFrame = { type: "count", from, to, padding: this.#padding };
    return { frames: [frame], position: String(to) };
  }
}
