/**
 * Tells users what came after a number, exactly as if they had been there: their follows as of that number are put
 * together from the intervals, then the log is read forward from it, and the same router decides.
 *
 * It goes in steps, so that a long replay does not hold up the stream.
 */
import type { FollowGraph } from "./follow-graph.ts";
import { readLines } from "./line.ts";
import type { StreamEvent } from "./line.ts";
import { recipientsOf } from "./router.ts";
import type { Recipients, Users } from "./router.ts";
import type { StreamStore } from "./stream-store.ts";
import { UserFollows } from "./user-follows.ts";

/** About how much of the log one step reads, in UTF-16 code units; a segment may have more than twice that. */
const STEP_UNITS = 256 << 10;

/** What happens, in order. */
export interface Listener {
  /** An event concerns `recipients`, of the users that are there. To be used at once: it may change afterwards. */
  told(event: StreamEvent, recipients: Recipients): void;
  /** The numbers `from` to `to` never came. */
  skipped(from: number, to: number): void;
  /** Whether it was told as much as it can take now, so that a replay ends its step early. */
  isFull?(): boolean;
}

export class Replay {
  readonly #store: StreamStore;
  readonly #users: Users;
  readonly #follows = new UserFollows();
  #position: number;

  /** @param since a number after which the log is complete, and the intervals too */
  constructor(store: StreamStore, graph: FollowGraph, users: Users, since: number) {
    this.#store = store;
    this.#users = users;
    this.#position = since;
    for (const user of users.keys()) this.#follows.join(user, graph, since);
  }

  /** The last number that the users were brought past. */
  get position(): number {
    return this.#position;
  }

  /** Goes on towards the cursor; after a step that finds nothing more the users are at it. */
  step(listener: Listener): void {
    for (const { text } of this.#store.segmentsAfter(this.#position, STEP_UNITS)) {
      for (const event of readLines(text).events) {
        const { sequence } = event;
        if (sequence <= this.#position) continue;
        if (sequence > this.#position + 1) listener.skipped(this.#position + 1, sequence - 1);
        this.#follows.apply(event);
        const recipients = recipientsOf(event, this.#users, this.#follows);
        if (recipients !== undefined) listener.told(event, recipients);
        this.#position = sequence;
        if (listener.isFull?.() === true) return;
      }
    }
  }
}
