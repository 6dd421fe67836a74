/** What viewers of a set are sent: changes since the offset they hold, or everything once that offset is gone. */
import { parseOffset } from "../../core/offset.ts";
import type { LwwSet } from "../../core/sets/lww-set.ts";
import { limits } from "../../protocol/limits.ts";
import { OffsetTextSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Feed, Step } from "../live/feed.ts";

export class SetFeed implements Feed {
  readonly #current: () => LwwSet;

  /** @param current the set as of now; erasing puts another in its place */
  constructor(current: () => LwwSet) {
    this.#current = current;
  }

  parsePosition(text: string): Result<string> {
    return parse(OffsetTextSchema, text, "since");
  }

  head(): string {
    return this.#current().proof().offset;
  }

  step(_topic: string, position: string | undefined): Step {
    const set = this.#current();
    const since = position === undefined ? undefined : parseOffset(position);
    const page = set.changes(since, limits.pageRowsMax);
    if (page !== undefined) return { frames: [{ type: "changes", ...page }], position: page.offset };
    const whole = set.changes(undefined, limits.pageRowsMax);
    if (whole === undefined) throw new Error("The beginning of a set is never gone");
    return { frames: [{ type: "reset" }, { type: "changes", ...whole }], position: whole.offset };
  }
}
