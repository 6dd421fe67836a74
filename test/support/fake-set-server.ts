/**
 * A server of one set, in process and by hand: the real core behind fake sockets. It answers as the Worker does, but
 * accepts, reads and publishes only when it is told to. Everything it has answered for survives {@link crash}.
 */
import { parseOffset } from "../../src/core/offset.ts";
import { DEFAULT_SET_OPTIONS, LwwSet } from "../../src/core/sets/lww-set.ts";
import type { Entry } from "../../src/core/sets/lww.ts";
import { MemorySetStore } from "../../src/core/sets/memory-set-store.ts";
import type { SetOptions } from "../../src/core/sets/set-store.ts";
import { sha256Hash64 } from "../../src/protocol/hash64.ts";
import { parse } from "../../src/protocol/parse.ts";
import { problemBody } from "../../src/protocol/problem.ts";
import { OpsBodySchema } from "../../src/protocol/sets.ts";
import type { FakeRuntime, FakeSocket } from "./fake-runtime.ts";

export interface FakeSetServerOptions {
  readonly set?: Partial<SetOptions>;
  /** Changes in a frame; few, so that catching up takes several. */
  readonly pageRows?: number;
}

export class FakeSetServer {
  /** All that was accepted in this life of the set: since it was erased last, or rid of tombstones. */
  readonly accepted: Entry[] = [];
  /** Whether {@link accept} lets anyone in. */
  isUp = true;
  set: LwwSet;
  readonly #runtime: FakeRuntime;
  readonly #options: SetOptions;
  readonly #pageRows: number;
  #store = new MemorySetStore();
  #epochs = 0;
  /** The positions of those that are connected. */
  readonly #viewers = new Map<FakeSocket, string | undefined>();

  constructor(runtime: FakeRuntime, { set = {}, pageRows = 2 }: FakeSetServerOptions = {}) {
    this.#runtime = runtime;
    this.#options = { ...DEFAULT_SET_OPTIONS, ...set };
    this.#pageRows = pageRows;
    this.set = this.#create();
  }

  /** Lets in whoever waits at `socket`, and says where they are; or turns them away. */
  accept(socket: FakeSocket): void {
    if (!socket.isOpening) return;
    if (!this.isUp) return socket.cut();
    this.#viewers.set(socket, socket.url.searchParams.get("since") ?? undefined);
    this.#advance(socket);
    socket.open();
  }

  /** Reads the next message from `socket`, and answers it. */
  read(socket: FakeSocket): void {
    const text = socket.isOpen ? socket.toServer.shift() : undefined;
    if (text === undefined) return;
    if (text === "ping") return void socket.toClient.push("pong");
    const { type, id, ...body } = JSON.parse(text) as { type: string; id: number };
    if (type !== "write") return;
    const parsed = parse(OpsBodySchema, body);
    if (!parsed.ok) return this.#say(socket, { ...problemBody(parsed.problem), type: "error", id });
    const { ops } = parsed.value;
    const verdicts = this.set.apply(ops, this.#runtime.nowMs(), () => this.#newEpoch());
    for (const [index, { op, element, timestamp }] of ops.entries()) {
      const isIn = verdicts[index] === "applied" || verdicts[index] === "superseded";
      if (isIn && timestamp !== undefined) this.accepted.push({ op, element, timestamp });
    }
    this.#say(socket, { type: "ack", id, ...this.set.proof(), verdicts });
  }

  /** One frame for each viewer that lacks something. */
  publish(): void {
    for (const [socket, position] of this.#viewers) {
      if (!socket.isOpen) this.#viewers.delete(socket);
      else if (position !== this.set.proof().offset) this.#advance(socket);
    }
  }

  /** Ends every connection. What was committed stays; answers that are under way are lost. */
  crash(): void {
    for (const socket of this.#viewers.keys()) socket.cut();
    this.#viewers.clear();
    this.set = new LwwSet(this.#store, sha256Hash64);
  }

  erase(): void {
    this.#store = new MemorySetStore();
    this.set = this.#create();
    this.accepted.length = 0;
  }

  /** Takes away the tombstones that are due. Whether what removed them is still there, nobody can tell then. */
  purge(): void {
    if (this.set.purge(this.#runtime.nowMs(), () => this.#newEpoch()) > 0) this.accepted.length = 0;
  }

  #create(): LwwSet {
    const set = new LwwSet(this.#store, sha256Hash64);
    set.create(this.#options, this.#newEpoch());
    return set;
  }

  #newEpoch(): string {
    this.#epochs += 1;
    return `epoch${this.#epochs}`;
  }

  #advance(socket: FakeSocket): void {
    const position = this.#viewers.get(socket);
    let page = this.set.changes(position === undefined ? undefined : parseOffset(position), this.#pageRows);
    if (page === undefined) {
      this.#say(socket, { type: "reset" });
      page = this.set.changes(undefined, this.#pageRows)!;
    }
    this.#say(socket, { type: "changes", ...page });
    this.#viewers.set(socket, page.offset);
  }

  #say(socket: FakeSocket, frame: object): void {
    socket.toClient.push(JSON.stringify(frame));
  }
}
