/**
 * The slices of a site that its viewers follow. While there are viewers, each shard of those slices is asked for its
 * totals and, by a lease that is renewed, to push them when they grow. The topic of viewers who name no slice follows the
 * current one across its end.
 *
 * Costs a timer while there are viewers, and nothing otherwise.
 */
import { shardsOf } from "../../core/analytics/routing.ts";
import type { Routing } from "../../core/analytics/routing.ts";
import { sliceStart } from "../../core/analytics/time-slice.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";
import { logError } from "../log.ts";
import { SliceWatch } from "./slice-watch.ts";

/** The topic of the current slice, whichever that is. */
export const CURRENT_TOPIC = "current";

const RENEW_MS = 10_000;
/** Outlives two renewals that fail. */
const LEASE_MS = 3 * RENEW_MS;
const LANES_MAX = 32;
const RETRY_AFTER_S = 5;
/** When a slice has ended and what is to be known of the next could not be learned. */
const GO_ON_AGAIN_MS = 1_000;

export interface WatchEnvironment {
  routing(): Promise<Result<Routing>>;
  /** The totals of a shard, which it pushes from now on. */
  watch(start: number, shard: number, shards: number, leaseMs: number): Promise<Result<Totals>>;
  /** The topics that have viewers. */
  topics(): ReadonlySet<string>;
  /** Some totals have grown. */
  changed(): void;
}

interface Entry {
  readonly watch: SliceWatch;
  readonly loading: Promise<Result<undefined>>;
  isLoaded: boolean;
  /** A viewer may be about to connect for a while after. */
  openedMs: number;
}

export class WatchedSlices {
  readonly #environment: WatchEnvironment;
  /** By start. One that is not loaded yet already takes pushes. */
  readonly #watches = new Map<number, Entry>();
  #current: SliceWatch | undefined;
  /** What was current before, with its final totals, for viewers who have not seen them. */
  #former: SliceWatch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer is due. */
  #dueMs = 0;
  #restored: Promise<void> | undefined;

  constructor(environment: WatchEnvironment) {
    this.#environment = environment;
  }

  /** Begins to watch the slice that holds `timestamp`, or the current one; answers the topic of its viewers. */
  async open(timestamp: number | undefined): Promise<Result<string>> {
    const routing = await this.#environment.routing();
    if (!routing.ok) return routing;
    const start = sliceStart(routing.value, timestamp ?? Date.now());
    if (!this.#watches.has(start) && this.#watches.size >= limits.watchedSlicesMax) {
      const detail = "As many slices of this site are watched as its object can serve.";
      return refuseForNow(detail, RETRY_AFTER_S);
    }
    const watch = await this.#watch(routing.value, start);
    if (!watch.ok) return watch;
    if (timestamp === undefined) this.#goOn(watch.value);
    this.#renewSoon();
    return succeed(timestamp === undefined ? CURRENT_TOPIC : String(start));
  }

  /** Goes on for viewers whose connections outlived the object. Does nothing the second time. */
  restore(): Promise<void> {
    this.#restored ??= this.#renew();
    return this.#restored;
  }

  /** Asks every shard anew: the site was erased, so whatever was known is of another life. */
  async forget(): Promise<void> {
    this.#watches.clear();
    this.#current = this.#former = undefined;
    await this.#renew();
  }

  /** Takes what a shard pushes. Answers whether anyone watches. */
  take(start: number, shard: number, totals: Totals, asOfMs: number): boolean {
    const watch = this.#watches.get(start)?.watch;
    if (watch === undefined) return false;
    if (watch.take(shard, totals, asOfMs)) this.#environment.changed();
    return true;
  }

  /** What viewers of `topic` see; `undefined` until it is known. */
  seen(topic: string): SliceWatch | undefined {
    if (topic === CURRENT_TOPIC) return this.#current;
    const entry = this.#watches.get(Number(topic));
    return entry?.isLoaded === true ? entry.watch : undefined;
  }

  /** The slice that starts at `start`, if it was current until the present one was. */
  former(start: number): SliceWatch | undefined {
    return this.#former?.start === start ? this.#former : undefined;
  }

  async #watch(routing: Routing, start: number): Promise<Result<SliceWatch>> {
    const shards = shardsOf(routing, start);
    let entry = this.#watches.get(start);
    if (entry === undefined || entry.watch.shards !== shards) {
      const watch = new SliceWatch(start, routing.sliceMs, shards);
      entry = { watch, loading: this.#load(watch), isLoaded: false, openedMs: 0 };
      this.#watches.set(start, entry);
    }
    entry.openedMs = Date.now();
    const loaded = await entry.loading;
    if (loaded.ok) {
      entry.isLoaded = true;
      return succeed(entry.watch);
    }
    if (this.#watches.get(start) === entry) this.#watches.delete(start);
    return loaded;
  }

  /** Asks every shard. Also renews the leases. */
  async #load(watch: SliceWatch): Promise<Result<undefined>> {
    const shards = Array.from({ length: watch.shards }, (_, shard) => shard);
    const answers = await inLanes(shards, LANES_MAX, async (shard) => {
      const askedMs = Date.now();
      const totals = await this.#environment.watch(watch.start, shard, watch.shards, LEASE_MS);
      if (totals.ok) watch.take(shard, totals.value, askedMs);
      return totals;
    });
    return answers.find((answer) => !answer.ok) ?? succeed(undefined);
  }

  /** Sees to a round when the leases want one, or when the current slice ends, if that is earlier. */
  #renewSoon(): void {
    const nowMs = Date.now();
    const dueMs = nowMs + Math.min(RENEW_MS, this.#currentLastsMs(nowMs));
    if (this.#timer !== undefined) {
      // Whoever comes now may follow the current slice, and who came before did not.
      if (this.#dueMs <= dueMs) return;
      clearTimeout(this.#timer);
    }
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#renew();
    }, dueMs - nowMs);
  }

  #currentLastsMs(nowMs: number): number {
    if (this.#current === undefined) return Infinity;
    const lastsMs = this.#current.start + this.#current.sliceMs - nowMs;
    return lastsMs > 0 ? lastsMs : GO_ON_AGAIN_MS;
  }

  /** One round: drops what nobody follows any more, renews the rest, and goes on to the next slice when it is time. */
  async #renew(): Promise<void> {
    const topics = this.#environment.topics();
    this.#drop(topics);
    if (topics.size === 0 && this.#watches.size === 0) return;
    try {
      await this.#follow(topics);
    } catch (error) {
      logError(error);
    }
    this.#environment.changed();
    this.#renewSoon();
  }

  #drop(topics: ReadonlySet<string>): void {
    for (const [start, { watch, openedMs }] of this.#watches) {
      const isFollowed = topics.has(String(start)) || (watch === this.#current && topics.has(CURRENT_TOPIC));
      if (isFollowed || Date.now() - openedMs < RENEW_MS) continue;
      this.#watches.delete(start);
      if (watch === this.#current) this.#current = this.#former = undefined;
    }
  }

  async #follow(topics: ReadonlySet<string>): Promise<void> {
    const routing = await this.#environment.routing();
    if (!routing.ok) return;
    // The last look at a slice that has ended gives its viewers its final totals.
    for (const { watch } of this.#watches.values()) await this.#load(watch);
    for (const topic of topics) {
      if (topic !== CURRENT_TOPIC) await this.#watch(routing.value, Number(topic));
    }
    if (!topics.has(CURRENT_TOPIC)) return;
    const current = await this.#watch(routing.value, sliceStart(routing.value, Date.now()));
    if (current.ok) this.#goOn(current.value);
  }

  /** From now on `watch` is of the current slice. */
  #goOn(watch: SliceWatch): void {
    if (watch === this.#current) return;
    if (this.#current?.start !== watch.start) this.#former = this.#current;
    this.#current = watch;
    this.#environment.changed();
  }
}
