/**
 * The object behind one tenant: decides and persists in one synchronous turn, then tells its viewers. The runtime holds
 * every answer and frame back until the turn is on disk, so whatever a client sees is durable.
 *
 * A tenant has one shard, this object: every item of it comes here, so that one table decides what is new.
 * Callers are this Worker's own routes, which have checked what they pass on.
 */
import { DurableObject } from "cloudflare:workers";
import type { Verdict } from "../../core/counters/distinct.ts";
import { ItemCounter } from "../../core/counters/item-counter.ts";
import type { CountState } from "../../core/counters/item-counter.ts";
import type { CountedItem } from "../../core/counters/item-store.ts";
import { ItemsFrameSchema } from "../../protocol/counters.ts";
import type { CountAnswer, CountedAnswer, ItemsAnswer } from "../../protocol/counters.ts";
import type { ItemImport } from "../../protocol/item-transfer.ts";
import { parse } from "../../protocol/parse.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { newEpoch } from "../epoch.ts";
import { eraseObject } from "../erase-object.ts";
import { AlarmClock } from "../alarm-clock.ts";
import { Listing } from "../backup/listing.ts";
import { LiveHub } from "../live/live-hub.ts";
import { liveLimits } from "../live/live-limits.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { ImportLog } from "../transfer/import-log.ts";
import { CountFeed } from "./count-feed.ts";
import { SqlItemStore } from "./item-sql-store.ts";
import { itemsAnswer } from "./items-answer.ts";

/** What the Worker calls; everything is an argument or an answer that can be copied between isolates. */
export type TenantCalls = Pick<
  TenantObject,
  "observe" | "count" | "counted" | "exportState" | "exportPage" | "takeImport" | "erase" | "fetch"
>;

export interface ItemsPage extends CountState {
  readonly items: readonly CountedItem[];
}

export class TenantObject extends DurableObject<Env> {
  #counter: ItemCounter;
  readonly #live: LiveHub;
  readonly #alarm: AlarmClock;
  readonly #listing: Listing;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "TenantObject");
    this.#counter = this.#load();
    this.#listing = new Listing(env, new DurableSql(ctx.storage), "items", ctx.id.name ?? "");
    const feed = new CountFeed(ctx.id.name ?? "", () => this.#counter);
    this.#alarm = new AlarmClock(ctx.storage, () => this.#live.expiryDueMs);
    this.#live = new LiveHub(ctx, feed, (body) => this.#write(body), this.#alarm, liveLimits(env));
  }

  /** Counts those of `ids` that are new; one verdict for each, in their order. */
  async observe(ids: readonly string[]): Promise<readonly Verdict[]> {
    if (this.#listing.isDue) await this.#listing.tell();
    const before = this.#counter.state().count;
    const verdicts = this.#counter.observe(ids, Date.now(), newEpoch);
    if (this.#counter.state().count !== before) this.#live.publish();
    return verdicts;
  }

  async count(): Promise<CountAnswer> {
    return { count: this.#counter.state().count };
  }

  async counted(id: string): Promise<CountedAnswer> {
    const atMs = this.#counter.countedMs(id);
    return { counted: atMs !== undefined, at: atMs ?? null };
  }

  /** What there is to export. */
  async exportState(): Promise<CountState> {
    const state = this.#counter.state();
    if (state.count === 0) this.#listing.unlist();
    return state;
  }

  /** Items for an export, and the count at the moment they are read. */
  async exportPage(after: string, limit: number): Promise<ItemsPage> {
    return { ...this.#counter.state(), items: this.#counter.items(after, limit) };
  }

  /** Takes a part of an import, whose first record is number `from` of all. */
  async takeImport({ header, records, end }: ItemImport, from: number): Promise<Result<ImportAnswer>> {
    if (this.#listing.isDue) await this.#listing.tell();
    const log = new ImportLog(new DurableSql(this.ctx.storage));
    const before = this.#counter.state().count;
    const take = (items: readonly CountedItem[]) => this.#counter.restore(items, newEpoch);
    const reload = () => void (this.#counter = this.#load());
    const taken = log.take({ exportId: header.id, from, records, total: end?.records }, before > 0, take, reload);
    if (!taken.ok) return taken;
    const { count } = this.#counter.state();
    if (count !== before) this.#live.publish();
    if (end === undefined) return succeed({ taken: taken.value, identical: null });
    return succeed({ taken: taken.value, identical: count === end.state.count });
  }

  /** Erases everything. What is counted afterwards is another tenant's that happens to have the same name. */
  async erase(): Promise<void> {
    await eraseObject(this.ctx.storage, this.#alarm, () => {
      this.#listing.forget();
      this.#counter = this.#load();
    });
    logObjectEvent(this.ctx, "erased");
    this.#live.publish();
  }

  override async fetch(request: Request): Promise<Response> {
    return this.#live.connect(request, "");
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#live.receive(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#live.farewell(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.#live.leave(socket);
  }

  override async alarm(): Promise<void> {
    this.#live.closeExpired();
    this.#alarm.setAnew();
  }

  #load(): ItemCounter {
    return new ItemCounter(new SqlItemStore(new DurableSql(this.ctx.storage)));
  }

  async #write(body: unknown): Promise<Result<ItemsAnswer>> {
    const parsed = parse(ItemsFrameSchema, body);
    return parsed.ok ? succeed(itemsAnswer(await this.observe(parsed.value.ids), true)) : parsed;
  }
}
