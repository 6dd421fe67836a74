/**
 * The gateway's one connection to its stream. Order on it is meaning: users join before lines that were sent after they
 * came, and a source's end comes after its last line. When it breaks, the next one begins with everyone joining from what
 * they were told last, and every source sending again what was not acknowledged.
 */
import type { ConnectionStateKind, LiveConnection } from "../../client/index.ts";
import type { GatewayFrame, GatewayMessage } from "../../protocol/stream-frames.ts";
import type { GatewaySource } from "./gateway-source.ts";
import type { GatewayUser } from "./gateway-user.ts";
import { LinkedSources } from "./linked-sources.ts";
import { LinkedUsers } from "./linked-users.ts";

/** Of what all users together have not taken; then the slowest is dropped. */
const UNTAKEN_ALL_BYTES_MAX = 256 * 1024 * 1024;
const RETRY_MS = 250;
const TOGETHER_MS = 10;
/** In one message, which holds 4 MiB: a name takes at most 256 bytes, twice that where all of it is escaped. */
const JOINS_MAX = 5_000;

type Refusal = Extract<GatewayFrame, { readonly type: "refused" }>;

export interface GatewayListener {
  readonly onFrame: (frame: GatewayFrame) => void;
  readonly onState: (kind: ConnectionStateKind, former: ConnectionStateKind) => void;
}

export type GatewaySocket = Pick<
  LiveConnection<GatewayFrame>,
  "connect" | "close" | "send" | "isOpen" | "fault" | "refusal"
>;

export class GatewayLink {
  readonly users = new LinkedUsers();
  readonly sources: LinkedSources;
  readonly #socket: GatewaySocket;
  readonly #log: (text: string) => void;
  readonly #refused: () => void;
  #retry: NodeJS.Timeout | undefined;
  #isClosing = false;
  #flush: NodeJS.Timeout | undefined;
  /** Users who are to be asked for again with the next try. */
  readonly #joinLater = new Set<number>();

  /** @param refused called when the stream doesn't let it in any more */
  constructor(open: (listener: GatewayListener) => GatewaySocket, log: (text: string) => void, refused: () => void) {
    this.#log = log;
    this.#refused = refused;
    this.sources = new LinkedSources((message) => this.#send(message), log);
    this.#socket = open({
      onFrame: (frame) => this.#take(frame),
      onState: (kind, former) => this.#changed(kind, former),
    });
  }

  connect(): void {
    this.#socket.connect();
  }

  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#flush);
    this.#isClosing = true;
    this.#socket.close();
  }

  addUser(user: GatewayUser): void {
    this.users.add(user);
    this.#flushSoon();
  }

  /** The stream is known to have processed everything up to `cursor`. */
  beginAt(cursor: number): void {
    this.users.heardOf(cursor);
  }

  removeUser(user: GatewayUser): void {
    if (this.users.remove(user)) this.#send({ type: "leave", ids: [user.id] });
  }

  addSource(source: GatewaySource): void {
    this.sources.add(source, this.#socket.isOpen);
  }

  /** There may be something of it to send. */
  pump(source: GatewaySource): void {
    this.#joinNew();
    if (this.#socket.isOpen) this.sources.pump(source);
  }

  #send(message: GatewayMessage): void {
    if (this.#socket.isOpen) this.#socket.send(JSON.stringify(message));
  }

  /** Those who come together join together, for a turn accepts but one; at the latest before the next lines. */
  #flushSoon(): void {
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      this.#joinNew();
    }, TOGETHER_MS);
  }

  #joinNew(): void {
    if (!this.#socket.isOpen) return;
    const users = this.users.takeNew();
    for (let at = 0; at < users.length; at += JOINS_MAX) {
      this.#send({ type: "join", users: users.slice(at, at + JOINS_MAX) });
    }
  }

  #changed(kind: ConnectionStateKind, former: ConnectionStateKind): void {
    const isUp = kind === "catching-up" || kind === "live";
    const wasUp = former === "catching-up" || former === "live";
    if (wasUp && !isUp) {
      if (!this.#isClosing) this.#log("lost the connection to the stream");
      this.users.disconnected();
      this.sources.disconnected();
    } else if (kind === "refused") {
      this.#log(`the stream refuses this gateway: ${this.#socket.refusal?.message ?? "no reason was given"}`);
      this.#refused();
    } else if (isUp && !wasUp) {
      this.#log("connected to the stream");
      this.#joinNew();
      this.sources.connected();
    }
  }

  #take(frame: GatewayFrame): void {
    switch (frame.type) {
      case "events":
        this.users.tell(frame);
        this.#limitUntaken();
        return;
      case "joined":
        this.users.heardOf(frame.cursor);
        return this.users.joined(frame.ids, frame.cursor);
      case "ack":
      case "ended":
        this.users.heardOf(frame.cursor);
        if (!this.sources.take(frame)) this.#socket.fault();
        return;
      case "refused":
        return frame.what === "source" ? this.#refusedSource(frame) : this.#refusedUser(frame);
      case "gap":
        return this.#log(`the stream skipped ${frame.from} to ${frame.to}, which never came`);
      case "reset":
        this.#log("the stream was erased");
        this.users.reset();
        return;
    }
  }

  #refusedUser({ id, code, detail }: Refusal): void {
    const user = this.users.get(id);
    if (user === undefined) return;
    if (code === "offset_gone" || code === "invalid_request") {
      this.#log(`user connection ${id}: what it missed is lost to it. ${detail}`);
      this.users.startAnew(id);
      return this.#flushSoon();
    }
    // Its place may still be held by the connection that broke.
    if (this.users.hasJoined(id)) {
      this.#joinLater.add(id);
      return this.#retryLater();
    }
    const makesRoom = this.users.halfClosed;
    if (makesRoom === undefined || makesRoom === user) return user.drop(`was refused: ${detail}`);
    makesRoom.drop("gave its place to another, having closed its side");
    this.users.retry(id);
    this.#flushSoon();
  }

  #refusedSource(refusal: Refusal): void {
    if (this.sources.refused(refusal)) this.#retryLater();
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      if (!this.#socket.isOpen) return;
      this.sources.openWaiting();
      for (const id of this.#joinLater) this.users.retry(id);
      this.#joinLater.clear();
      this.#joinNew();
    }, RETRY_MS);
  }

  #limitUntaken(): void {
    if (this.users.untakenBytes <= UNTAKEN_ALL_BYTES_MAX) return;
    this.users.slowest?.drop("is the slowest of users who take their lines too slowly");
  }
}
