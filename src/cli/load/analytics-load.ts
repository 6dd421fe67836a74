/**
 * A load of analytics from start to judgement: events of users of chance, some of them late, are recorded until all are
 * acknowledged; then each slice must have the totals that a `Set` of its users and two counts have.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sliceStart, sliceStartFrom } from "../../core/analytics/time-slice.ts";
import type { SliceRow } from "../../protocol/analytics.ts";
import { toRouting } from "../../protocol/analytics.ts";
import { WeirClient, WeirError } from "../../client/index.ts";
import type { EventInput } from "../../client/index.ts";
import { tokenFromEnvironment } from "../arguments.ts";
import { seededRandom } from "../seeded-random.ts";
import type { AnalyticsLoadOptions } from "./analytics-options.ts";
import { cuttingFetch } from "./cutting-fetch.ts";
import type { CuttingFetch } from "./cutting-fetch.ts";

/** Earlier slices that late events are of. */
export const LATE_SLICES = 23;
/** An answer may be a second old. */
const STALENESS_MS = 1_100;
const MS_PER_S = 1_000;

export interface WrongSlice {
  readonly slice: string;
  readonly answered: readonly number[];
  readonly expected: readonly number[];
}

export interface AnalyticsLoadStats {
  readonly acknowledged: number;
  readonly late: number;
  readonly requests: number;
  readonly cuts: number;
}

/** What a slice must come to. */
interface Expectation {
  readonly users: Set<number>;
  clicks: number;
  impressions: number;
}

interface Sender {
  readonly client: WeirClient;
  readonly network: CuttingFetch;
}

export class AnalyticsLoad {
  readonly site: string;
  readonly #options: AnalyticsLoadOptions;
  readonly #random: () => number;
  readonly #senders: readonly Sender[];
  /** Looks at the outcome; its connections are not cut. */
  readonly #judge: WeirClient;
  /** Of each slice, by its start; the last is the one that events are not late for. */
  readonly #expected = new Map<number, Expectation>();
  #sliceMs = 0;
  #stats = { acknowledged: 0, late: 0 };

  constructor(options: AnalyticsLoadOptions) {
    this.#options = options;
    this.site = `load-${options.seed}`;
    this.#random = seededRandom(options.seed);
    this.#senders = Array.from({ length: options.senders }, (_, index) => {
      const network = cuttingFetch(options.cut, seededRandom(options.seed + index + 1));
      return { client: this.#connect(network.fetch), network };
    });
    this.#judge = this.#connect(fetch);
  }

  get stats(): AnalyticsLoadStats {
    let [requests, cuts] = [0, 0];
    for (const { network } of this.#senders) {
      requests += network.counts.requests;
      cuts += network.counts.cuts;
    }
    return { ...this.#stats, requests, cuts };
  }

  get slices(): number {
    return this.#expected.size;
  }

  /** Chooses the slices: up to the current one or, if they are to have a number of shards, from a new rule on. */
  async prepare(): Promise<void> {
    const { analytics } = this.#judge;
    const routing = toRouting(await analytics.routing());
    this.#sliceMs = routing.sliceMs;
    const lateMs = LATE_SLICES * routing.sliceMs;
    const first =
      this.#options.shards === 0 ? sliceStart(routing, Date.now()) - lateMs : await this.#addRule(this.#options.shards);
    for (let start = first; start <= first + lateMs; start += routing.sliceMs) {
      this.#expected.set(start, { users: new Set(), clicks: 0, impressions: 0 });
    }
    const held = (await this.#rows()).find((row) => row.clicks + row.impressions > 0);
    if (held !== undefined) throw new Error(`Site ${this.site} holds events of ${held.slice}. Use another --seed.`);
  }

  /** Until everything is acknowledged, however long that takes, or `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, batch, rate } = this.#options;
    const startMs = performance.now();
    let sent = 0;
    const drain = async ({ client }: Sender): Promise<void> => {
      while (sent < events && !signal.aborted) {
        const size = Math.min(batch, events - sent);
        sent += size;
        if (rate > 0) await sleep(Math.max(0, startMs + (sent / rate) * MS_PER_S - performance.now()));
        await client.analytics.record(Array.from({ length: size }, () => this.#event()));
        this.#stats.acknowledged += size;
      }
    };
    await Promise.all(this.#senders.map(drain));
    for (const { client } of this.#senders) client.analytics.close();
  }

  /** The slices that are not as they must be. */
  async judge(): Promise<readonly WrongSlice[]> {
    await sleep(STALENESS_MS);
    const rows = await this.#rows();
    return [...this.#expected].flatMap(([start, { users, clicks, impressions }], index): WrongSlice[] => {
      const row = rows[index];
      const slice = new Date(start).toISOString();
      const answered = row?.slice === slice ? [row.unique_users, row.clicks, row.impressions] : [];
      const expected = [users.size, clicks, impressions];
      return expected.every((count, at) => count === answered[at]) ? [] : [{ slice, answered, expected }];
    });
  }

  /** Every event made is recorded in the end, so what is expected is known at once. */
  #event(): EventInput {
    const user = Math.floor(this.#random() * this.#options.users);
    const isLate = this.#random() < this.#options.late;
    const starts = [...this.#expected.keys()];
    const start = isLate ? starts[Math.floor(this.#random() * LATE_SLICES)] : starts.at(-1);
    const expected = this.#expected.get(start ?? NaN);
    if (start === undefined || expected === undefined) throw new Error("The slices were not chosen yet");
    const event = this.#random() < 0.5 ? "click" : "impression";
    expected.users.add(user);
    if (event === "click") expected.clicks += 1;
    else expected.impressions += 1;
    if (isLate) this.#stats.late += 1;
    const timestamp = start + Math.floor(this.#random() * this.#sliceMs);
    return { timestamp, user: `user-${user}`, event, site: this.site };
  }

  /** Answers where the new rule begins. */
  async #addRule(shards: number): Promise<number> {
    const { analytics } = this.#judge;
    const routing = await analytics.routing();
    let from = sliceStartFrom(toRouting(routing), Date.now());
    try {
      await analytics.route({ ...routing, rules: [...routing.rules, { from, shards }] });
    } catch (error) {
      if (!(error instanceof WeirError) || error.code !== "conflict" || error.earliest === undefined) throw error;
      from = error.earliest;
      await analytics.route({ ...routing, rules: [...routing.rules, { from, shards }] });
    }
    return from;
  }

  async #rows(): Promise<readonly SliceRow[]> {
    const starts = [...this.#expected.keys()];
    const [first = 0] = starts;
    return (await this.#judge.analytics.range(first, first + starts.length * this.#sliceMs, this.site)).slices;
  }

  #connect(fetchWith: typeof fetch): WeirClient {
    const token = tokenFromEnvironment();
    return new WeirClient({ url: this.#options.url, fetch: fetchWith, ...(token !== undefined && { token }) });
  }
}
