/**
 * A load of items from start to judgement: every item is reported as often as it was asked for, in an order of chance,
 * until all is acknowledged; then each tenant's count must be the number of distinct ids that were reported for it.
 */
import { WeirClient } from "../../client/index.ts";
import type { ItemInput } from "../../client/index.ts";
import { tokenFromEnvironment } from "../arguments.ts";
import { seededRandom } from "../seeded-random.ts";
import { cuttingFetch } from "./cutting-fetch.ts";
import type { CuttingFetch } from "./cutting-fetch.ts";
import type { ItemLoadOptions } from "./item-options.ts";

/** Ids of each tenant that are looked up one by one in the end. */
const LOOKUPS = 3;

export interface WrongTenant {
  readonly tenant: string;
  readonly count: number;
  readonly expected: number;
}

export interface ItemLoadOutcome {
  /** Tenants whose count, or one of whose ids, is not as it must be. */
  readonly wrong: readonly WrongTenant[];
  readonly counted: number;
}

export interface ItemLoadStats {
  readonly reported: number;
  readonly acknowledged: number;
  readonly requests: number;
  readonly cuts: number;
  /** As the acknowledgements that arrived say; where one was lost, the next says duplicate. */
  readonly fresh: number;
}

interface Sender {
  readonly client: WeirClient;
  readonly network: CuttingFetch;
}

export class ItemLoad {
  readonly #options: ItemLoadOptions;
  readonly #random: () => number;
  readonly #senders: readonly Sender[];
  /** Looks at the outcome; its connections are not cut. */
  readonly #judge: WeirClient;
  /** The ids acknowledged for each tenant. */
  readonly #acknowledged = new Map<string, Set<string>>();
  #stats = { reported: 0, acknowledged: 0, fresh: 0 };

  constructor(options: ItemLoadOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#senders = Array.from({ length: options.senders }, (_, index) => {
      const network = cuttingFetch(options.cut, seededRandom(options.seed + index + 1));
      return { client: this.#connect(network.fetch), network };
    });
    this.#judge = this.#connect(fetch);
    for (let index = 0; index < options.tenants; index++) this.#acknowledged.set(this.#tenantName(index), new Set());
  }

  /** Reports there will be. */
  get total(): number {
    return this.#options.items * this.#options.repeat;
  }

  get stats(): ItemLoadStats {
    let [requests, cuts] = [0, 0];
    for (const { network } of this.#senders) {
      requests += network.counts.requests;
      cuts += network.counts.cuts;
    }
    return { ...this.#stats, requests, cuts };
  }

  /** Tenants that hold items already, so that their counts would say nothing. */
  async occupied(): Promise<readonly string[]> {
    const counts = await this.#eachTenant((tenant) => this.#judge.items.count(tenant));
    return counts.filter(([, count]) => count > 0).map(([tenant]) => tenant);
  }

  /** Until everything is acknowledged, however long that takes, or `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const order = this.#shuffledReports();
    let next = 0;
    const drain = async ({ client }: Sender): Promise<void> => {
      while (next < order.length && !signal.aborted) {
        const items = Array.from(order.subarray(next, (next += this.#options.batch)), (index) => this.#item(index));
        this.#stats.reported += items.length;
        const verdicts = await client.items.observe(items);
        this.#stats.acknowledged += items.length;
        for (const verdict of verdicts) if (verdict === "new") this.#stats.fresh += 1;
        for (const { id, tenant } of items) this.#acknowledged.get(tenant)?.add(id);
      }
    };
    await Promise.all(this.#senders.map(drain));
    for (const { client } of this.#senders) client.items.close();
  }

  async judge(): Promise<ItemLoadOutcome> {
    const judged = await this.#eachTenant((tenant, ids) => this.#judgeTenant(tenant, ids));
    return {
      wrong: judged.flatMap(([, { wrong }]) => wrong),
      counted: judged.reduce((sum, [, { count }]) => sum + count, 0),
    };
  }

  async #judgeTenant(tenant: string, ids: ReadonlySet<string>) {
    const { items } = this.#judge;
    const count = await items.count(tenant);
    let isRight = count === ids.size && !(await items.counted(tenant, "never reported")).counted;
    for (const id of [...ids].slice(0, LOOKUPS)) isRight &&= (await items.counted(tenant, id)).counted;
    return { count, wrong: isRight ? [] : [{ tenant, count, expected: ids.size }] };
  }

  async #eachTenant<T>(ask: (tenant: string, ids: ReadonlySet<string>) => Promise<T>) {
    const answers: (readonly [string, T])[] = [];
    for (const [tenant, ids] of this.#acknowledged) answers.push([tenant, await ask(tenant, ids)]);
    return answers;
  }

  /** Indexes of items, each as often as it is to be reported, in an order of chance (Fisher and Yates). */
  #shuffledReports(): Uint32Array {
    const order = Uint32Array.from({ length: this.total }, (_, index) => index % this.#options.items);
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor(this.#random() * (last + 1));
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
    return order;
  }

  #item(index: number): ItemInput {
    return { id: `item-${index}`, tenant: this.#tenantName(index % this.#options.tenants) };
  }

  #tenantName(index: number): string {
    return `load-${this.#options.seed}-${index}`;
  }

  #connect(fetchWith: typeof fetch): WeirClient {
    const token = tokenFromEnvironment();
    return new WeirClient({ url: this.#options.url, fetch: fetchWith, ...(token !== undefined && { token }) });
  }
}
