/** Where the suites of slices get their stores from, and what they count by. */
import { KnownNames } from "../../../src/core/analytics/known-names.ts";
import type { SliceClaim } from "../../../src/core/analytics/routing.ts";
import { SliceShard } from "../../../src/core/analytics/slice-shard.ts";
import type { OpenPseudonyms, SliceEvent } from "../../../src/core/analytics/slice-shard.ts";
import type { SliceHead, SliceStore } from "../../../src/core/analytics/slice-store.ts";
import type { Totals } from "../../../src/core/analytics/totals.ts";

export interface SliceBench {
  /** A store over an empty database. Stores made before it are void. */
  fresh(): SliceStore;
  /** Another store over the same database, as after a restart. */
  reopen(): SliceStore;
}

/** Runs a body where the stores live, be it in this process or in an object of the Workers runtime. */
export type OnSliceBench = (body: (bench: SliceBench) => void) => void | Promise<void>;

export const CLAIM: SliceClaim = { start: 7_200_000, sliceMs: 3_600_000, shards: 4 };

export const HEAD: SliceHead = {
  claim: CLAIM,
  uniqueUsers: 1,
  clicks: 2,
  impressions: 3,
  late: 0,
  lastEventMs: 5,
  sealedMs: null,
};

export const SALT = "00ff".repeat(16);
const NAME_KEY = Uint32Array.of(1, 2, 3, 4);

/** Hex of its own for each text and salt, without any crypto. Texts of the suites are short. */
export const plainPseudonyms: OpenPseudonyms = (salt) => {
  const ofText = (text: string) => {
    let hex = salt.slice(0, 2);
    for (let index = 0; index < text.length; index++) hex += text.charCodeAt(index).toString(16).padStart(4, "0");
    if (hex.length > 32) throw new Error("This text is too long for the suites");
    return hex.padEnd(32, "0");
  };
  return { ofUser: (user) => ofText(`u${user}`), ofId: (id) => ofText(`i${id}`) };
};

export function openShard(store: SliceStore, known = new KnownNames(NAME_KEY)): SliceShard {
  return new SliceShard(store, plainPseudonyms, known);
}

/** One that forgets all names whenever it hears of one more than `namesMax`. */
export function forgetful(namesMax: number): KnownNames {
  return new KnownNames(NAME_KEY, namesMax);
}

export function record(shard: SliceShard, events: readonly SliceEvent[], nowMs = 5) {
  return shard.record(events, CLAIM, nowMs, () => SALT);
}

/** What the words of the design say, with none of its algorithm: a set of users, and ids that count once. */
export class Reckoning {
  readonly #users = new Set<string>();
  readonly #ids = new Set<string>();
  #clicks = 0;
  #impressions = 0;

  add({ user, event, id }: SliceEvent): void {
    if (id !== undefined) {
      if (this.#ids.has(id)) return;
      this.#ids.add(id);
    }
    this.#users.add(user);
    if (event === "click") this.#clicks += 1;
    else this.#impressions += 1;
  }

  totals(): Totals {
    return { uniqueUsers: this.#users.size, clicks: this.#clicks, impressions: this.#impressions, late: 0 };
  }
}
