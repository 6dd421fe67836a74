/**
 * The object behind one stream: takes lines, decides and persists in one synchronous turn, then tells the users. The
 * runtime holds every answer and frame back until the turn is on disk, so whatever anyone sees is durable.
 *
 * Callers are this Worker's own routes, which have checked what they pass on.
 */
import { DurableObject } from "cloudflare:workers";
import { OrderedStream } from "../../core/streams/ordered-stream.ts";
import { limits } from "../../protocol/limits.ts";
import { refuse, refuseField, refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type {
  DeadLettersAnswer,
  IngestAnswer,
  StatusAnswer,
  StreamOptionsAnswer,
  StreamOptionsBody,
} from "../../protocol/streams.ts";
import type { StreamPosition } from "../../core/streams/stream-transfer.ts";
import type { StreamImport } from "../../protocol/stream-transfer.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import { Listing } from "../backup/listing.ts";
import type { Env } from "../env.ts";
import { eraseObject } from "../erase-object.ts";
import { AlarmClock } from "../alarm-clock.ts";
import { CLOSE_FAULT } from "../live/close-codes.ts";
import { LiveHub } from "../live/live-hub.ts";
import { liveLimits } from "../live/live-limits.ts";
import { wantsSocket } from "../live/wants-live.ts";
import { logError } from "../log.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { problemResponse } from "../respond.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { ConnectedUsers } from "./connected-users.ts";
import { GapTimer } from "./gap-timer.ts";
import { GatewaySockets } from "./gateway-sockets.ts";
import { SourceSockets } from "./source-sockets.ts";
import { toDeadLetter, toIngestAnswer, toOptions, toOptionsAnswer, toStatus } from "./stream-answers.ts";
import { SqlStreamStore } from "./stream-sql-store.ts";
import { StreamSources } from "./stream-sources.ts";
import { StreamTransfer } from "./stream-transfer.ts";
import type { ExportedPage } from "./stream-transfer.ts";
import { UserFeed, userTopic } from "./user-feed.ts";

/** What the Worker calls; everything is an argument or an answer that can be copied between isolates. */
export type StreamCalls = Pick<
  StreamObject,
  "configure" | "ingest" | "status" | "deadLetters" | "erase" | "exportStart" | "exportPage" | "takeImport" | "fetch"
>;

export interface Configured {
  readonly isNew: boolean;
  readonly options: StreamOptionsAnswer;
}

const RETRY_AFTER_S = 1;

/** For `write` frames. */
async function refuseWrite(): Promise<Result<never>> {
  return refuseField("type", 'must be "seen", for viewers have nothing to write; send lines as a source');
}

export class StreamObject extends DurableObject<Env> {
  #stream: OrderedStream;
  readonly #users: ConnectedUsers;
  readonly #live: LiveHub;
  readonly #sources: StreamSources;
  readonly #sourceSockets: SourceSockets;
  readonly #gateways: GatewaySockets;
  readonly #gapTimer: GapTimer;
  readonly #alarm: AlarmClock;
  readonly #transfer: StreamTransfer;
  readonly #listing: Listing;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "StreamObject");
    const stream = () => this.#stream;
    this.#users = new ConnectedUsers(stream);
    this.#stream = this.#load();
    this.#transfer = new StreamTransfer(new DurableSql(ctx.storage), stream);
    this.#listing = new Listing(env, new DurableSql(ctx.storage), "streams", ctx.id.name ?? "");
    this.#alarm = new AlarmClock(
      ctx.storage,
      () => this.#gapTimer.alarmDueMs,
      () => this.#live.expiryDueMs,
      () => this.#sourceSockets.expiryDueMs,
      () => this.#gateways.expiryDueMs,
    );
    const liveBounds = liveLimits(env);
    this.#live = new LiveHub(ctx, new UserFeed(stream, this.#users), refuseWrite, this.#alarm, liveBounds);
    this.#sources = new StreamSources(stream);
    const take = (text: string) => this.#turn(() => this.#stream.take(text, Date.now()));
    this.#sourceSockets = new SourceSockets(ctx, this.#sources, take, this.#alarm, liveBounds);
    const placesLeft = () => this.#placesLeft();
    const host = { stream, users: this.#users, sources: this.#sources, take, placesLeft };
    this.#gateways = new GatewaySockets(ctx, host, this.#alarm, liveBounds);
    this.#gapTimer = new GapTimer(this.#alarm, {
      // A stream that is being imported has lines that wait before it is one, and must not be moved on.
      dueMs: () => (this.#transfer.refusal === undefined ? this.#stream.dueMs(Date.now()) : undefined),
      expire: () => {
        if (this.#transfer.refusal === undefined) this.#expire();
      },
    });
    this.#gapTimer.schedule();
  }

  async configure(body: StreamOptionsBody): Promise<Result<Configured>> {
    if (this.#listing.isDue) await this.#listing.tell();
    if (this.#transfer.refusal !== undefined) return this.#transfer.refusal;
    const outcome = this.#turn(() => this.#stream.configure(toOptions(body)));
    if (outcome !== "conflict") {
      return succeed({ isNew: outcome === "created", options: toOptionsAnswer(this.#stream.options) });
    }
    return refuseField("first_sequence", "can't be changed once the stream exists", "conflict");
  }

  /** Takes all of `text` or nothing. */
  async ingest(text: string): Promise<Result<IngestAnswer>> {
    if (this.#listing.isDue) await this.#listing.tell();
    if (this.#transfer.refusal !== undefined) return this.#transfer.refusal;
    const taken = this.#turn(() => this.#stream.offer(text, Date.now()));
    if (taken === "graph full") return refuseForNow("The stream has as many follows as it can hold.");
    if (taken !== "buffer full") return succeed(toIngestAnswer(this.#stream, taken));
    const { cursor, options } = this.#stream;
    const detail =
      `More would wait than may (max_buffered is ${options.maxBuffered}); nothing was taken. ` +
      `The stream waits for ${cursor + 1}, which is taken at any time if it comes by itself.`;
    return refuse("rate_limited", detail, { retryAfterS: RETRY_AFTER_S });
  }

  async status(): Promise<StatusAnswer> {
    return toStatus(this.#stream, this.#sources.size, this.#connections(), Date.now());
  }

  async deadLetters(after: number, limit: number): Promise<DeadLettersAnswer> {
    const found = this.#stream.deadLetters(after, limit + 1);
    return { dead_letters: found.slice(0, limit).map(toDeadLetter), more: found.length > limit };
  }

  /** Erases everything, and closes every connection. What comes afterwards is another stream of the same name. */
  async erase(): Promise<void> {
    await eraseObject(this.ctx.storage, this.#alarm, () => {
      this.#listing.forget();
      this.#transfer.forget();
      this.#reset();
    });
    logObjectEvent(this.ctx, "erased");
  }

  /** Where an export begins; `undefined`: there is nothing to export. */
  async exportStart(): Promise<ReturnType<StreamTransfer["start"]>> {
    const start = this.#transfer.start();
    if (start === undefined) this.#listing.unlist();
    return start;
  }

  async exportPage(position: StreamPosition): Promise<Result<ExportedPage>> {
    return this.#transfer.page(position);
  }

  /** Takes a part of an import, whose first record is number `from` of all. */
  async takeImport(part: StreamImport, from: number): Promise<Result<ImportAnswer>> {
    if (this.#listing.isDue) await this.#listing.tell();
    const taken = this.#transfer.take(part, from, () => this.#reset());
    this.#gapTimer.schedule();
    return taken;
  }

  override async fetch(request: Request): Promise<Response> {
    if (this.#listing.isDue) await this.#listing.tell();
    const { refusal: importing } = this.#transfer;
    if (importing?.ok === false) return problemResponse(request, importing.problem);
    const segments = new URL(request.url).pathname.split("/");
    const role = segments.at(-1);
    if (role === "live") return this.#connectUser(request, decodeURIComponent(segments.at(-2) ?? ""));
    const refusal = this.#refuseWriter(request, role === "gateway");
    if (!refusal.ok) return problemResponse(request, refusal.problem);
    return role === "gateway" ? this.#gateways.connect(request) : this.#sourceSockets.connect(request);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    try {
      if (this.#sourceSockets.receive(socket, message) || this.#gateways.receive(socket, message)) return;
    } catch (error) {
      // The turn failed and everyone was sent away; whoever sent it comes again.
      logError(error);
      return;
    }
    await this.#live.receive(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    if (this.#sourceSockets.farewell(socket, code, reason) || this.#gateways.farewell(socket, code, reason)) return;
    this.#live.farewell(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket, CLOSE_FAULT, "");
  }

  override async alarm(): Promise<void> {
    this.#live.closeExpired();
    this.#sourceSockets.closeExpired();
    this.#gateways.closeExpired();
    this.#gapTimer.rang();
    this.#alarm.setAnew();
  }

  #load(): OrderedStream {
    return new OrderedStream(new SqlStreamStore(new DurableSql(this.ctx.storage)), this.#users, Date.now());
  }

  /** Everyone is sent away, and the stream is as it is stored. */
  #reset(): void {
    this.#live.dismiss({ type: "reset" });
    this.#gateways.dismiss();
    this.#sourceSockets.dismiss();
    this.#stream = this.#load();
  }

  /** What is in memory is ahead of what is stored when a turn fails, so then everything begins anew. */
  #turn<T>(act: () => T): T {
    const before = this.#stream.cursor;
    let outcome: T;
    try {
      outcome = act();
    } catch (error) {
      this.#reset();
      throw error;
    }
    this.#users.settle();
    if (this.#stream.cursor !== before) {
      this.#live.publish();
      this.#gateways.publish();
    }
    this.#sources.turned();
    this.#gapTimer.schedule();
    return outcome;
  }

  #expire(): void {
    try {
      this.#turn(() => this.#stream.expire(Date.now()));
    } catch (error) {
      logError(error);
    }
  }

  #connections(): number {
    return this.#users.viewers + this.#gateways.users;
  }

  #placesLeft(): number {
    return this.#stream.options.maxUsers - this.#connections();
  }

  #connectUser(request: Request, user: string): Response {
    if (this.#placesLeft() <= 0) {
      const detail = `The stream has as many connections of users as max_users allows.`;
      return problemResponse(request, { code: "overloaded", detail, retryAfterS: RETRY_AFTER_S });
    }
    return this.#live.connect(request, userTopic(user, new URL(request.url).searchParams));
  }

  #refuseWriter(request: Request, isGateway: boolean): Result<undefined> {
    if (!wantsSocket(request)) return refuseField("Upgrade", "must be websocket");
    if (isGateway) {
      if (this.#gateways.size < limits.streamGatewaysMax) return succeed(undefined);
      return refuseForNow(`The stream has ${limits.streamGatewaysMax} gateways, which is as many as it can serve.`);
    }
    if (this.#sources.makePlace(Date.now())) return succeed(undefined);
    return refuseForNow("The stream has as many sources as max_sources allows.");
  }
}
