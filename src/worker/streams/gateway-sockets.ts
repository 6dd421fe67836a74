/**
 * Gateways: each a socket that speaks for many users and sources. What it has joined is kept in memory only, so when the
 * object wakes its sockets are closed; a gateway then joins again, each user from where it is, and nothing is lost.
 *
 * What a gateway says is in order or worth nothing, so one that sends more messages than it may is sent away at once. Lines
 * are not counted: their limit is the credit of who sends them.
 */
import { countLines } from "../../core/streams/line.ts";
import type { OrderedStream } from "../../core/streams/ordered-stream.ts";
import { parse } from "../../protocol/parse.ts";
import { parseJson } from "../../protocol/parse-json.ts";
import { problemBody } from "../../protocol/problem.ts";
import type { Problem } from "../../protocol/problem.ts";
import { GatewayMessageSchema } from "../../protocol/stream-frames.ts";
import type { AckFigures, GatewayFrame, GatewayJoin, GatewayMessage } from "../../protocol/stream-frames.ts";
import type { AlarmClock } from "../alarm-clock.ts";
import { Backlog } from "../live/backlog.ts";
import {
  CLOSE_POLICY,
  CLOSE_RESTART,
  CLOSE_TOO_LARGE,
  CLOSE_TOO_SLOW,
  CLOSE_UNSUPPORTED,
  closeCodeFor,
  RESTART_REASON,
} from "../live/close-codes.ts";
import type { LiveLimits } from "../live/live-limits.ts";
import { MessageMeter, TOO_MANY_REASON } from "../live/message-meter.ts";
import { isTooLarge, TOO_LARGE_REASON } from "../live/message-size.ts";
import { Rounds } from "../live/rounds.ts";
import { EXPIRED_REASON, TokenEnds } from "../live/token-ends.ts";
import { Unanswered } from "../live/unanswered.ts";
import { confirmedProtocol, viewerRights } from "../live/viewer-rights.ts";
import type { ConnectedUsers } from "./connected-users.ts";
import { GatewayUsers } from "./gateway-users.ts";
import type { TakeLines } from "./source-sockets.ts";
import type { StreamSource, StreamSources } from "./stream-sources.ts";

const GATEWAY_TAG = "gateway";

/** What the gateways of a stream act on. */
export interface GatewayHost {
  stream(): OrderedStream;
  readonly users: ConnectedUsers;
  readonly sources: StreamSources;
  readonly take: TakeLines;
  /** How many more connections of users there may be. */
  placesLeft(): number;
}

export class GatewaySockets {
  readonly #ctx: DurableObjectState;
  readonly #host: GatewayHost;
  readonly #gateways = new Map<WebSocket, Gateway>();
  readonly #rounds = new Rounds(() => this.#flush());
  readonly #ends: TokenEnds<Gateway>;
  readonly #limits: LiveLimits;
  readonly #backlog: Backlog;

  /** @param alarm rings when {@link expiryDueMs} says so; then the object calls {@link closeExpired} */
  constructor(ctx: DurableObjectState, host: GatewayHost, alarm: Pick<AlarmClock, "set">, limits: LiveLimits) {
    this.#ctx = ctx;
    this.#limits = limits;
    this.#backlog = new Backlog(limits);
    this.#host = host;
    this.#ends = new TokenEnds(alarm);
    for (const socket of ctx.getWebSockets(GATEWAY_TAG)) closeSocket(socket, CLOSE_RESTART, RESTART_REASON);
  }

  get size(): number {
    return this.#gateways.size;
  }

  /** Connections of users behind them. */
  get users(): number {
    let users = 0;
    for (const gateway of this.#gateways.values()) users += gateway.users.size;
    return users;
  }

  get expiryDueMs(): number | undefined {
    return this.#ends.dueMs;
  }

  closeExpired(): void {
    for (const gateway of this.#ends.takeEnded()) this.#drop(gateway, CLOSE_POLICY, EXPIRED_REASON);
  }

  connect(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [GATEWAY_TAG]);
    const unanswered = new Unanswered(this.#ctx, server, this.#limits, this.#backlog);
    const gateway = new Gateway(server, unanswered, new MessageMeter(this.#limits.messagesPerMinute), this.#host);
    this.#gateways.set(server, gateway);
    this.#ends.enter(gateway, viewerRights(request).expiresMs);
    return new Response(null, { status: 101, webSocket: client, headers: confirmedProtocol(request) });
  }

  /** Answers whether the socket is a gateway's. */
  receive(socket: WebSocket, message: string | ArrayBuffer): boolean {
    const gateway = this.#gateways.get(socket);
    if (gateway === undefined) return false;
    gateway.unanswered.heard();
    if (this.#ends.hasEnded(gateway)) this.#drop(gateway, CLOSE_POLICY, EXPIRED_REASON);
    else if (typeof message !== "string") this.#drop(gateway, CLOSE_UNSUPPORTED, "messages are JSON text");
    else if (isTooLarge(message)) this.#drop(gateway, CLOSE_TOO_LARGE, TOO_LARGE_REASON);
    else if (gateway.receive(message)) this.publish();
    else this.#drop(gateway, CLOSE_POLICY, TOO_MANY_REASON);
    return true;
  }

  /** Something may be new. */
  publish(): void {
    if (this.#gateways.size > 0) this.#rounds.next(this.#limits.flushIntervalMsMin);
  }

  farewell(socket: WebSocket, code: number, reason: string): boolean {
    const gateway = this.#gateways.get(socket);
    if (gateway === undefined) return false;
    this.#drop(gateway, closeCodeFor(code), reason);
    return true;
  }

  /** Everything is over. */
  dismiss(): void {
    for (const gateway of this.#gateways.values()) {
      gateway.send({ type: "reset" });
      this.#drop(gateway, CLOSE_RESTART, RESTART_REASON);
    }
  }

  #flush(): void {
    const { catchUpIntervalMs, fullIntervalMs } = this.#limits;
    this.closeExpired();
    for (const gateway of this.#gateways.values()) {
      const state = gateway.users.flush();
      if (state === "overtaken" || gateway.unanswered.isStuck()) {
        this.#drop(gateway, CLOSE_TOO_SLOW, "too slow; join again from the last cursor");
      } else if (state === "more") {
        this.#rounds.within(gateway.unanswered.isFull() ? fullIntervalMs : catchUpIntervalMs);
      }
    }
  }

  #drop(gateway: Gateway, code: number, reason: string): void {
    this.#gateways.delete(gateway.socket);
    this.#ends.leave(gateway);
    gateway.leave();
    closeSocket(gateway.socket, code, reason);
  }
}

class Gateway {
  readonly socket: WebSocket;
  readonly unanswered: Unanswered;
  readonly users: GatewayUsers;
  readonly #host: GatewayHost;
  readonly #meter: MessageMeter;
  readonly #sources = new Map<number, StreamSource>();

  constructor(socket: WebSocket, unanswered: Unanswered, meter: MessageMeter, host: GatewayHost) {
    this.socket = socket;
    this.#meter = meter;
    this.#host = host;
    this.unanswered = unanswered;
    this.users = new GatewayUsers({
      stream: () => host.stream(),
      users: host.users,
      send: (text) => this.#sendText(text),
      isFull: () => this.unanswered.isFull(),
    });
  }

  /** Answers whether it may send more. */
  receive(text: string): boolean {
    // What is no JSON is not missing, but no object either.
    const message = parse(GatewayMessageSchema, parseJson(text) ?? null, "message");
    const value = message.ok ? message.value : undefined;
    if (value?.type === "lines") return this.#takeLines(value.id, value.lines);
    if (!this.#isAdmitted()) return false;
    if (value !== undefined) this.#act(value);
    else if (!message.ok) this.#complain(message.problem);
    return true;
  }

  send(frame: GatewayFrame): void {
    this.#sendText(JSON.stringify(frame));
  }

  leave(): void {
    this.users.leaveAll();
    this.unanswered.end();
    for (const source of this.#sources.values()) this.#host.sources.close(source);
    this.#sources.clear();
  }

  #act(message: Exclude<GatewayMessage, { readonly type: "lines" }>): void {
    switch (message.type) {
      case "join":
        return this.#join(message.users);
      case "leave":
        return this.users.leave(message.ids);
      case "source":
        return this.#openSource(message.id);
      case "end":
        return this.#endSource(message.id);
      case "seen":
        return;
    }
  }

  #join(joins: readonly GatewayJoin[]): void {
    const taken: GatewayJoin[] = [];
    const ids = new Set<number>();
    let places = this.#host.placesLeft();
    for (const join of joins) {
      const { id } = join;
      if (ids.has(id) || this.users.has(id)) this.#refuseUser(id, "conflict", "This id is in use.");
      else if (places <= 0) this.#refuseUser(id, "overloaded", "The stream has max_users connections of users.");
      else {
        ids.add(id);
        taken.push(join);
        places -= 1;
      }
    }
    this.users.join(taken);
    // At once, if that can be: what comes next on the socket is told to them.
    this.users.flush();
  }

  #openSource(id: number): void {
    if (this.#sources.has(id)) return this.#refuseSource(id, "conflict", "This id is in use.");
    if (!this.#host.sources.makePlace(Date.now())) {
      return this.#refuseSource(id, "overloaded", "The stream has max_sources sources.");
    }
    const source: StreamSource = {
      lastHeardMs: () => this.unanswered.lastHeardMs(),
      acknowledge: (figures: AckFigures) => this.send({ type: "ack", id, ...figures }),
      replace: () => {
        this.#sources.delete(id);
        this.#refuseSource(id, "overloaded", "It was silent, and another source wanted the place.");
      },
    };
    this.#sources.set(id, source);
    this.#host.sources.open(source);
    source.acknowledge(this.#host.sources.ackOf(source));
  }

  /** Answers whether the gateway may send more. */
  #takeLines(id: number, lines: string): boolean {
    const source = this.#sources.get(id);
    const count = countLines(lines);
    if ((source === undefined || count === 0) && !this.#isAdmitted()) return false;
    const { sources } = this.#host;
    if (source === undefined) this.#refuseSource(id, "not_found", "There is no source of this id.");
    else if (count > sources.credit(source)) {
      this.#sources.delete(id);
      sources.close(source);
      this.#refuseSource(id, "rate_limited", "More lines were sent than there was credit for.");
    } else {
      sources.took(source, this.#host.take(lines));
      source.acknowledge(sources.ackOf(source));
    }
    return true;
  }

  #isAdmitted(): boolean {
    return this.#meter.admit(Date.now()).kind === "taken";
  }

  /** What it sent before has been taken already. */
  #endSource(id: number): void {
    const source = this.#sources.get(id);
    if (source === undefined) return;
    const figures = this.#host.sources.ackOf(source);
    this.#sources.delete(id);
    this.#host.sources.close(source);
    this.send({ type: "ended", id, ...figures });
  }

  #refuseUser(id: number, code: Problem["code"], detail: string): void {
    this.send({ type: "refused", what: "user", id, code, detail });
  }

  #refuseSource(id: number, code: Problem["code"], detail: string): void {
    this.send({ type: "refused", what: "source", id, code, detail });
  }

  #complain(problem: Problem): void {
    this.#sendText(JSON.stringify({ ...problemBody(problem), type: "error" }));
  }

  #sendText(text: string): void {
    try {
      this.socket.send(text);
      this.unanswered.sent(text.length);
    } catch {
      // It is closing, and its end will be told.
    }
  }
}

function closeSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It was closed already.
  }
}
