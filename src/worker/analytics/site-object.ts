/**
 * The object of one site: the catalogue of its slices, and its live viewers. Events don't come through here, only the
 * first of each shard does, and totals while someone watches.
 */
import { DurableObject } from "cloudflare:workers";
import type { SliceClaim } from "../../core/analytics/routing.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { EventsFrameSchema } from "../../protocol/analytics.ts";
import type { EventsAnswer } from "../../protocol/analytics.ts";
import { parse } from "../../protocol/parse.ts";
import { refuse, refuseField, refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import type { SiteImport } from "../../protocol/site-transfer.ts";
import type { Env } from "../env.ts";
import { AlarmClock } from "../alarm-clock.ts";
import { eraseObject } from "../erase-object.ts";
import { Listing } from "../backup/listing.ts";
import { LiveHub } from "../live/live-hub.ts";
import { liveLimits } from "../live/live-limits.ts";
import { callObject } from "../object-call.ts";
import { problemResponse } from "../respond.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { ImportLog, lacksRecords } from "../transfer/import-log.ts";
import { analyticsEdge, routingStub, sliceStub } from "./durable-analytics.ts";
import { recordEvents } from "./record-events.ts";
import { eraseSlices, isErasing, markErasing } from "./site-erasure.ts";
import { SliceCatalogue } from "./slice-catalogue.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";
import { SliceFeed } from "./slice-feed.ts";
import { WatchedSlices } from "./watched-slices.ts";

export type SiteCalls = Pick<
  SiteObject,
  | "claim"
  | "slices"
  | "exportCount"
  | "exportSlices"
  | "push"
  | "admitImport"
  | "noteImport"
  | "endImport"
  | "erase"
  | "fetch"
>;

export interface ExportedSlices {
  readonly epoch: string;
  readonly slices: readonly CataloguedSlice[];
}

/** After a crash, or when whoever asked for it went away. */
const ERASE_AGAIN_MS = 5_000;
/** How long whoever asks for what is done already waits before asking again. */
const ERASE_WAIT_MS = 100;

export class SiteObject extends DurableObject<Env> {
  readonly #sql: DurableSql;
  #catalogue: SliceCatalogue;
  /** Whether the site is being erased. */
  #erasing: boolean;
  /** When that is gone on with by itself. */
  #eraseAgainMs: number | undefined;
  /** Whether a round of that is under way. */
  #isErasingNow = false;
  readonly #watched: WatchedSlices;
  readonly #live: LiveHub;
  readonly #alarm: AlarmClock;
  readonly #listing: Listing;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "SiteObject");
    this.#sql = new DurableSql(ctx.storage);
    this.#catalogue = new SliceCatalogue(this.#sql);
    this.#erasing = isErasing(this.#sql);
    if (this.#erasing) this.#eraseAgainMs = Date.now() + ERASE_AGAIN_MS;
    this.#listing = new Listing(env, this.#sql, "analytics", this.#site);
    this.#watched = new WatchedSlices({
      routing: () => callObject(routingStub(env), (stub) => stub.read()),
      watch: (start, shard, shards, leaseMs) =>
        callObject(sliceStub(env, { site: this.#site, start, shard }), (stub) => stub.watch(shards, leaseMs)),
      topics: () => this.#live.topics(),
      changed: () => this.#live.publish(),
    });
    this.#alarm = new AlarmClock(
      ctx.storage,
      () => this.#eraseAgainMs,
      () => this.#live.expiryDueMs,
    );
    this.#live = new LiveHub(
      ctx,
      new SliceFeed(this.#watched),
      (body) => this.#write(body),
      this.#alarm,
      liveLimits(env),
    );
    void this.#watched.restore();
  }

  /** Whether the first event of a shard may be counted. Notes that the shard holds data if so. */
  async claim(claim: SliceClaim, shard: number): Promise<Result<boolean>> {
    if (this.#listing.isDue) await this.#listing.tell();
    if (this.#erasing) return beingErased();
    const former = this.#catalogue.claim(claim.start);
    if (former !== undefined) {
      if (former.sliceMs !== claim.sliceMs || former.shards !== claim.shards) return succeed(false);
    } else {
      const granted = await callObject(routingStub(this.env), (stub) => stub.claim(claim));
      if (!granted.ok || !granted.value) return granted;
      if (this.#erasing) return beingErased();
    }
    this.#catalogue.add(claim, shard);
    return succeed(true);
  }

  async slices(from: number, to: number, limit: number): Promise<readonly CataloguedSlice[]> {
    return this.#catalogue.slices(from, to, limit);
  }

  /** How many shards there are to export, of all slices. */
  async exportCount(): Promise<number> {
    const count = this.#catalogue.countShards();
    if (count === 0) this.#listing.unlist();
    return count;
  }

  /**
   * Slices for an export, from `from` on. Once answered, nothing that was read before is of a life of the site that has ended.
   *
   * @param epoch of the life that is exported; not known at its beginning
   */
  async exportSlices(epoch: string | undefined, from: number, limit: number): Promise<Result<ExportedSlices>> {
    const current = this.#catalogue.epoch;
    if (this.#erasing || current === undefined || (epoch !== undefined && epoch !== current)) {
      return refuse("offset_gone", "This site was erased since the export began. Begin anew.");
    }
    return succeed({ epoch: current, slices: this.#catalogue.slices(from, Number.MAX_SAFE_INTEGER, limit) });
  }

  /** How many records of an import were taken; begins it if none was, unless there is data here already. */
  async admitImport(exportId: string): Promise<Result<number>> {
    if (this.#erasing) return beingErased();
    return this.#note(exportId, 0, []);
  }

  /** Notes that records were taken, and whether the shards that they complete are what was exported. */
  async noteImport(exportId: string, from: number, outcomes: readonly boolean[]): Promise<Result<number>> {
    return this.#note(exportId, from, outcomes);
  }

  /** What has come of an import. */
  async endImport(exportId: string, end: SiteImport["end"]): Promise<Result<ImportAnswer>> {
    const taken = this.#note(exportId, 0, []);
    if (!taken.ok) return taken;
    if (end === undefined) return succeed({ taken: taken.value, identical: null });
    if (end.records !== taken.value) return lacksRecords(end.records, taken.value);
    const faults = new ImportLog(this.#sql).faults();
    return succeed({
      taken: taken.value,
      identical: faults === 0 && end.state.shards === this.#catalogue.countShards(),
    });
  }

  /** Erases some shards, and in the end everything. Answers whether that is so; until then it goes on by itself. */
  async erase(): Promise<boolean> {
    if (!this.#erasing) {
      if (!this.#catalogue.isWritten && new ImportLog(this.#sql).progress() === undefined) return true;
      markErasing(this.#sql);
      this.#erasing = true;
    }
    this.#eraseAgainMs = Date.now() + ERASE_AGAIN_MS;
    this.#alarm.set();
    if (this.#isErasingNow) {
      await scheduler.wait(ERASE_WAIT_MS);
      return !this.#erasing;
    }
    this.#isErasingNow = true;
    try {
      return await this.#eraseSome();
    } finally {
      this.#isErasingNow = false;
    }
  }

  /** A shard's totals have grown. Answers whether anyone watches. */
  async push(start: number, shard: number, totals: Totals, asOfMs: number): Promise<boolean> {
    return this.#watched.take(start, shard, totals, asOfMs);
  }

  override async fetch(request: Request): Promise<Response> {
    const timestamp = new URL(request.url).searchParams.get("timestamp");
    const topic = await this.#watched.open(timestamp === null ? undefined : Number(timestamp));
    if (!topic.ok) return problemResponse(request, topic.problem);
    return this.#live.connect(request, topic.value);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#watched.restore();
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
    // An erasure goes on that nobody waits for any more.
    if (this.#erasing) await this.erase();
    this.#alarm.setAnew();
  }

  get #site(): string {
    return this.ctx.id.name ?? "";
  }

  async #eraseSome(): Promise<boolean> {
    const isEmpty = await eraseSlices(this.#catalogue, async (start, shard) => {
      const erased = await callObject(sliceStub(this.env, { site: this.#site, start, shard }), (stub) => stub.erase());
      if (!erased.ok) throw new Error(erased.problem.detail);
    });
    if (!isEmpty) return false;
    await eraseObject(this.ctx.storage, this.#alarm, () => {
      this.#catalogue = new SliceCatalogue(this.#sql);
      this.#erasing = false;
      this.#eraseAgainMs = undefined;
      this.#listing.forget();
    });
    await this.#watched.forget();
    logObjectEvent(this.ctx, "erased");
    return true;
  }

  #note(exportId: string, from: number, outcomes: readonly boolean[]): Result<number> {
    const log = new ImportLog(this.#sql);
    const isOccupied = this.#catalogue.countShards() > 0;
    const addFaults = (fresh: readonly boolean[]) => log.addFaults(fresh.filter((identical) => !identical).length);
    return log.take({ exportId, from, records: outcomes }, isOccupied, addFaults, () => {});
  }

  /** A viewer was let in for its site, so it writes to no other. */
  async #write(body: unknown): Promise<Result<EventsAnswer>> {
    const parsed = parse(EventsFrameSchema, body);
    if (!parsed.ok) return parsed;
    const { events } = parsed.value;
    const foreign = events.findIndex(({ site }) => site !== this.#site);
    if (foreign !== -1) return refuseField(`events[${foreign}].site`, "must be the site that this connection follows");
    return recordEvents(analyticsEdge(this.env), events, (promise) => this.ctx.waitUntil(promise));
  }
}

function beingErased(): Result<never> {
  return refuseForNow("The site is being erased.", ERASE_AGAIN_MS / 1_000);
}
