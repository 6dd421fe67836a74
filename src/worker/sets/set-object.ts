/**
 * The object behind one set: decides and persists in one synchronous turn, then tells its viewers. The runtime holds
 * every answer and frame back until the turn is on disk, so whatever a client sees is durable.
 *
 * Callers are this Worker's own routes, which have checked what they pass on.
 */
import { DurableObject } from "cloudflare:workers";
import type { ProposedOp, Verdict } from "../../core/sets/decide.ts";
import { LwwSet, PURGE_BATCH_MAX } from "../../core/sets/lww-set.ts";
import type { Acceptance, SetProof } from "../../core/sets/lww-set.ts";
import { isMember } from "../../core/sets/lww.ts";
import type { Entry } from "../../core/sets/lww.ts";
import type { SetHead, SetOptions } from "../../core/sets/set-store.ts";
import { parseOffset } from "../../core/offset.ts";
import { sha256Hash64 } from "../../protocol/hash64.ts";
import { limits } from "../../protocol/limits.ts";
import { parse } from "../../protocol/parse.ts";
import { refuse, refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { OpsBodySchema } from "../../protocol/sets.ts";
import type { ChangesAnswer, ElementAnswer, ElementsAnswer } from "../../protocol/sets.ts";
import type { SetImport } from "../../protocol/set-transfer.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { newEpoch } from "../epoch.ts";
import { eraseObject } from "../erase-object.ts";
import { AlarmClock } from "../alarm-clock.ts";
import { Listing } from "../backup/listing.ts";
import { LiveHub } from "../live/live-hub.ts";
import { liveLimits } from "../live/live-limits.ts";
import { Waiters } from "../live/waiters.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { ImportLog } from "../transfer/import-log.ts";
import { SetFeed } from "./set-feed.ts";
import { toOptions } from "./set-options.ts";
import { SqlSetStore } from "./set-sql-store.ts";

export interface AppliedOps extends SetProof {
  readonly verdicts: readonly Verdict[];
}

export interface RecordsPage {
  readonly records: readonly string[];
  /** What to ask with for more; `null` at the end. */
  readonly next: number | null;
}

export interface ExportedChanges extends ChangesAnswer {
  readonly lastStampMs: number;
  /** Which part of the changes is behind this page, from 0 to 1. */
  readonly done: number;
}

/** What the Worker calls; everything is an argument or an answer that can be copied between isolates. */
export type SetCalls = Pick<
  SetObject,
  | "create"
  | "apply"
  | "element"
  | "members"
  | "changes"
  | "records"
  | "erase"
  | "exportHead"
  | "exportPage"
  | "takeImport"
  | "fetch"
>;

/**
 * Purges reset the viewers, so they keep this much of the retention time between them, and at least a second: that long
 * only while more is due than one purge takes, or tombstones could come faster than they go.
 */
const PURGE_INTERVAL_SHARE = 0.1;
const PURGE_INTERVAL_MS_MIN = 1_000;

export class SetObject extends DurableObject<Env> {
  #set: LwwSet;
  readonly #live: LiveHub;
  readonly #waiters = new Waiters(limits.waitersMax);
  readonly #alarm: AlarmClock;
  #purgeNotBeforeMs = 0;
  readonly #listing: Listing;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "SetObject");
    this.#set = this.#load();
    this.#listing = new Listing(env, new DurableSql(ctx.storage), "sets", ctx.id.name ?? "");
    this.#alarm = new AlarmClock(
      ctx.storage,
      () => this.#purgeDueMs(),
      () => this.#live.expiryDueMs,
    );
    this.#live = new LiveHub(
      ctx,
      new SetFeed(() => this.#set),
      (body) => this.#write(body),
      this.#alarm,
      liveLimits(env),
    );
  }

  async create(options: SetOptions): Promise<"created" | "exists" | "conflict"> {
    if (this.#listing.isDue) await this.#listing.tell();
    const outcome = this.#set.create(options, newEpoch());
    if (outcome === "created") this.#publish();
    return outcome;
  }

  async apply(ops: readonly ProposedOp[], accept: Acceptance = "each"): Promise<AppliedOps> {
    if (this.#listing.isDue) await this.#listing.tell();
    const before = this.#set.proof().offset;
    const verdicts = this.#set.apply(ops, Date.now(), newEpoch, accept);
    const proof = this.#set.proof();
    if (proof.offset !== before) {
      this.#publish();
      this.#alarm.set();
    }
    return { ...proof, verdicts };
  }

  async element(element: string): Promise<ElementAnswer> {
    const entry = this.#set.entry(element);
    return { present: isMember(entry), timestamp: entry?.timestamp ?? null };
  }

  async members(after: string, limit: number): Promise<ElementsAnswer> {
    const { elements, next } = this.#set.members(after, limit);
    return { ...this.#set.proof(), elements: [...elements], cursor: next };
  }

  /** With nothing new since `since`, waits up to `waitMs` for something. */
  async changes(since: string | undefined, limit: number, waitMs: number): Promise<Result<ChangesAnswer>> {
    const page = this.#changes(since, limit);
    if (!page.ok || page.value.changes.length > 0 || waitMs === 0) return page;
    const woken = this.#waiters.wait(waitMs);
    if (woken === undefined) return refuseForNow("Too many requests wait for this set already.");
    await woken;
    return this.#changes(since, limit);
  }

  /** Changes after the first `held` records, as lines of the element-set protocol. */
  async records(held: number, limit: number): Promise<RecordsPage> {
    const changes = this.#set.changesAfterRecords(held, limit);
    const records = changes.map(({ op, element, timestamp }) => `${op},${element},${Math.floor(timestamp / 1000)}\n`);
    return { records, next: changes.length < limit ? null : (changes.at(-1)?.sequence ?? null) };
  }

  /** Erases everything. What is written afterwards is another set that happens to have the same name. */
  async erase(): Promise<void> {
    await eraseObject(this.ctx.storage, this.#alarm, () => {
      this.#listing.forget();
      this.#set = this.#load();
    });
    logObjectEvent(this.ctx, "erased");
    this.#publish();
  }

  /** `undefined`: there is nothing to export. */
  async exportHead(): Promise<SetHead | undefined> {
    if (this.#set.head === undefined) this.#listing.unlist();
    return this.#set.head;
  }

  async exportPage(since: string, limit: number): Promise<Result<ExportedChanges>> {
    const page = this.#changes(since, limit);
    if (!page.ok) return page;
    const { lastStampMs = 0, sequence = 0 } = this.#set.head ?? {};
    const behind = parseOffset(page.value.offset)?.sequence ?? 0;
    return succeed({ ...page.value, lastStampMs, done: sequence === 0 ? 1 : behind / sequence });
  }

  /** Takes a part of an import, whose first record is number `from` of all. */
  async takeImport({ header, records, end }: SetImport, from: number): Promise<Result<ImportAnswer>> {
    if (this.#listing.isDue) await this.#listing.tell();
    const log = new ImportLog(new DurableSql(this.ctx.storage));
    const holdsData = this.#set.head !== undefined;
    const take = (entries: readonly Entry[], begins: boolean) => {
      if (begins) this.#set.restore(toOptions(header.options), header.purged_ms, newEpoch());
      this.#set.merge(entries);
    };
    const reload = () => void (this.#set = this.#load());
    const taken = log.take({ exportId: header.id, from, records, total: end?.records }, holdsData, take, reload);
    if (!taken.ok) return taken;
    if (records.length > 0) this.#publish();
    if (end === undefined) return succeed({ taken: taken.value, identical: null });
    this.#set.stampAfter(end.state.last_stamp_ms);
    const { size, digest } = this.#set.proof();
    // Not before: what is due to be purged was part of what was exported, and of its digest.
    this.#alarm.set();
    return succeed({ taken: taken.value, identical: size === end.state.size && digest === end.state.digest });
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
    const expired = this.#live.closeExpired();
    // Rung for expired tokens, it leaves the viewers who stay their time between two purges.
    if (expired === 0 || Date.now() >= this.#purgeNotBeforeMs) this.#purge();
    this.#alarm.setAnew();
  }

  #load(): LwwSet {
    return new LwwSet(new SqlSetStore(new DurableSql(this.ctx.storage)), sha256Hash64);
  }

  #changes(since: string | undefined, limit: number): Result<ChangesAnswer> {
    const page = this.#set.changes(since === undefined ? undefined : parseOffset(since), limit);
    if (page !== undefined) return succeed({ ...page, changes: [...page.changes] });
    return refuse(
      "offset_gone",
      "The changes since this offset are no longer known. Read the set from the beginning.",
      {
        errors: [{ path: "since", message: "is of another epoch, or older than what was purged" }],
      },
    );
  }

  async #write(body: unknown): Promise<Result<AppliedOps>> {
    const parsed = parse(OpsBodySchema, body);
    return parsed.ok ? succeed(await this.apply(parsed.value.ops)) : parsed;
  }

  #publish(): void {
    this.#waiters.wake();
    this.#live.publish();
  }

  #purge(): void {
    const purged = this.#set.purge(Date.now(), newEpoch);
    if (purged > 0) {
      logObjectEvent(this.ctx, "purged", { tombstones: purged });
      this.#publish();
    }
    const retentionMs = this.#set.options?.tombstoneRetentionMs ?? 0;
    const pauseMs = purged === PURGE_BATCH_MAX ? 0 : retentionMs * PURGE_INTERVAL_SHARE;
    this.#purgeNotBeforeMs = Date.now() + Math.max(PURGE_INTERVAL_MS_MIN, pauseMs);
  }

  #purgeDueMs(): number | undefined {
    const dueMs = this.#set.purgeDueMs();
    return dueMs === undefined ? undefined : Math.max(dueMs, this.#purgeNotBeforeMs);
  }
}
