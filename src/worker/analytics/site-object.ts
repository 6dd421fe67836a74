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
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Env } from "../env.ts";
import { AlarmClock } from "../alarm-clock.ts";
import { LiveHub } from "../live/live-hub.ts";
import { callObject } from "../object-call.ts";
import { problemResponse } from "../respond.ts";
import { logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { analyticsEdge, routingStub, sliceStub } from "./durable-analytics.ts";
import { recordEvents } from "./record-events.ts";
import { SliceCatalogue } from "./slice-catalogue.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";
import { SliceFeed } from "./slice-feed.ts";
import { WatchedSlices } from "./watched-slices.ts";

export type SiteCalls = Pick<SiteObject, "claim" | "slices" | "push" | "fetch">;

export class SiteObject extends DurableObject<Env> {
  readonly #catalogue: SliceCatalogue;
  readonly #watched: WatchedSlices;
  readonly #live: LiveHub;
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "SiteObject");
    this.#catalogue = new SliceCatalogue(new DurableSql(ctx.storage));
    this.#watched = new WatchedSlices({
      routing: () => callObject(routingStub(env), (stub) => stub.read()),
      watch: (start, shard, shards, leaseMs) =>
        callObject(sliceStub(env, { site: this.#site, start, shard }), (stub) => stub.watch(shards, leaseMs)),
      topics: () => this.#live.topics(),
      changed: () => this.#live.publish(),
    });
    this.#alarm = new AlarmClock(ctx.storage, () => this.#live.expiryDueMs);
    this.#live = new LiveHub(ctx, new SliceFeed(this.#watched), (body) => this.#write(body), this.#alarm);
    void this.#watched.restore();
  }

  /** Whether the first event of a shard may be counted. Notes that the shard holds data if so. */
  async claim(claim: SliceClaim, shard: number): Promise<Result<boolean>> {
    const former = this.#catalogue.claim(claim.start);
    if (former !== undefined) {
      if (former.sliceMs !== claim.sliceMs || former.shards !== claim.shards) return succeed(false);
    } else {
      const granted = await callObject(routingStub(this.env), (stub) => stub.claim(claim));
      if (!granted.ok || !granted.value) return granted;
    }
    this.#catalogue.add(claim, shard);
    return succeed(true);
  }

  async slices(from: number, to: number, limit: number): Promise<readonly CataloguedSlice[]> {
    return this.#catalogue.slices(from, to, limit);
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
    this.#alarm.rang();
    this.#alarm.set();
  }

  get #site(): string {
    return this.ctx.id.name ?? "";
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
