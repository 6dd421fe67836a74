/**
 * A stream's side of a gateway's connection, in process: the real core behind a socket that is a pair of queues. One
 * message is handled in a turn of the event loop, and its answers arrive in a later one; so a cut loses what is under way
 * in both directions. What was taken survives every cut.
 */
import { GatewayMessageSchema } from "../../src/protocol/stream-frames.ts";
import type { GatewayFrame, GatewayJoin, GatewayMessage } from "../../src/protocol/stream-frames.ts";
import { parse } from "../../src/protocol/parse.ts";
import type { GatewayListener, GatewaySocket } from "../../src/cli/gateway/gateway-link.ts";
import { MemoryStreamStore } from "../../src/core/streams/memory-stream-store.ts";
import { OrderedStream } from "../../src/core/streams/ordered-stream.ts";
import type { Recipients } from "../../src/core/streams/router.ts";
import type { StreamEvent } from "../../src/core/streams/line.ts";
import type { StreamOptions } from "../../src/core/streams/stream-options.ts";

type EventsFrame = Extract<GatewayFrame, { readonly type: "events" }>;
type Figures = { lines: number; duplicates: number; deadLetters: number };

export interface FakeStreamOptions extends Partial<StreamOptions> {
  /** The connection breaks when so many messages were handled on it; 0: never. */
  readonly cutAfter?: number;
  /** Lines that a source may have under way, if there is room. */
  readonly creditMax?: number;
}

export class FakeStream {
  /** Everything that was said on connections, in order. */
  readonly heard: GatewayMessage[] = [];
  readonly stream: OrderedStream;
  cuts = 0;
  /** No frames leave while this is so. */
  isMute = false;
  readonly #options: FakeStreamOptions;
  /** The connections of users, by name. */
  readonly #users = new Map<string, Set<number>>();
  readonly #names = new Map<number, string>();
  readonly #sources = new Map<number, Figures>();
  #listener: GatewayListener | undefined;
  #isOpen = false;
  /** Of the connection; what belongs to a former one is lost. */
  #life = 0;
  #inbox: GatewayMessage[] = [];
  #handled = 0;
  #events: string[] = [];
  #to: (number[] | null)[] = [];

  constructor({ cutAfter = 0, creditMax = 1_000, ...options }: FakeStreamOptions = {}) {
    this.#options = { cutAfter, creditMax };
    const audience = {
      users: this.#users,
      told: (event: StreamEvent, recipients: Recipients) => this.#collect(event, recipients),
      skipped: (from: number, to: number) => this.#say({ type: "gap", from, to }),
    };
    this.stream = new OrderedStream(new MemoryStreamStore(), audience, 0);
    this.stream.configure(options);
  }

  get users(): number {
    return this.#names.size;
  }

  get sources(): number {
    return this.#sources.size;
  }

  readonly open = (listener: GatewayListener): GatewaySocket => {
    this.#listener = listener;
    const isOpen = (): boolean => this.#isOpen;
    return {
      connect: () => setImmediate(() => this.#connect()),
      close: () => this.#lose(),
      fault: () => this.cut(),
      refusal: undefined,
      get isOpen() {
        return isOpen();
      },
      send: (text) => {
        if (!this.#isOpen) return false;
        const message = parse(GatewayMessageSchema, JSON.parse(text));
        if (!message.ok) throw new Error(message.problem.detail);
        this.#inbox.push(message.value);
        const life = this.#life;
        setImmediate(() => this.#handle(life));
        return true;
      },
    };
  };

  /** Loses the connection; the gateway makes another. */
  cut(): void {
    if (!this.#isOpen) return;
    this.cuts += 1;
    this.#lose();
    this.#listener?.onState("waiting", "live");
    setImmediate(() => this.#connect());
  }

  /** Time passes: holes that are due are skipped. */
  expire(nowMs: number): void {
    this.stream.expire(nowMs);
    this.#flush();
  }

  #connect(): void {
    this.#isOpen = true;
    this.#handled = 0;
    this.#listener?.onState("live", "connecting");
  }

  #lose(): void {
    this.#isOpen = false;
    this.#life += 1;
    this.#inbox = [];
    for (const id of this.#names.keys()) this.#leave(id);
    this.#sources.clear();
    this.#events = [];
    this.#to = [];
  }

  #handle(life: number): void {
    const message = life === this.#life ? this.#inbox.shift() : undefined;
    if (message === undefined) return;
    this.heard.push(message);
    this.#act(message);
    this.#flush();
    this.#handled += 1;
    if (this.#handled === this.#options.cutAfter) setImmediate(() => this.cut());
  }

  #act(message: GatewayMessage): void {
    switch (message.type) {
      case "join":
        return this.#join(message.users);
      case "leave":
        return message.ids.forEach((id) => this.#leave(id));
      case "source":
        return this.#openSource(message.id);
      case "lines": {
        const figures = this.#sources.get(message.id);
        if (figures === undefined) return;
        const taken = this.stream.take(message.lines, 0);
        figures.lines += taken.lines;
        figures.duplicates += taken.duplicates;
        figures.deadLetters += taken.deadLetters;
        this.#flush();
        for (const id of this.#sources.keys()) this.#acknowledge("ack", id);
        return;
      }
      case "end":
        this.#acknowledge("ended", message.id);
        this.#sources.delete(message.id);
        return;
      case "seen":
        return;
    }
  }

  #join(joins: readonly GatewayJoin[]): void {
    const joined: number[] = [];
    for (const { id, user, since } of joins) {
      if (this.#names.size >= this.stream.options.maxUsers) {
        const detail = "max_users are connected";
        this.#say({ type: "refused", what: "user", id, code: "overloaded", detail });
        continue;
      }
      if (since !== undefined) this.#replay(id, user, since);
      this.#names.set(id, user);
      const same = this.#users.get(user);
      if (same === undefined) {
        this.#users.set(user, new Set([id]));
        this.stream.join(user);
      } else same.add(id);
      joined.push(id);
    }
    if (joined.length > 0) this.#say({ type: "joined", ids: joined, cursor: this.stream.cursor });
  }

  #replay(id: number, user: string, since: number): void {
    const replay = this.stream.replay(new Map([[user, new Set()]]), since);
    for (let before = -1; before !== replay.position;) {
      before = replay.position;
      const events: string[] = [];
      replay.step({ told: ({ line }) => events.push(line), skipped: () => {} });
      const frame = {
        type: "events",
        cursor: replay.position,
        events,
        to: events.map(() => [id]),
        replay: [id],
      } as const;
      if (events.length > 0) this.#say({ ...frame, to: [...frame.to], replay: [id] });
    }
  }

  #leave(id: number): void {
    const user = this.#names.get(id);
    if (user === undefined) return;
    this.#names.delete(id);
    const same = this.#users.get(user);
    same?.delete(id);
    if (same?.size !== 0) return;
    this.#users.delete(user);
    this.stream.leave(user);
  }

  #openSource(id: number): void {
    if (this.#sources.size >= this.stream.options.maxSources) {
      const detail = "max_sources are connected";
      return this.#say({ type: "refused", what: "source", id, code: "overloaded", detail });
    }
    this.#sources.set(id, { lines: 0, duplicates: 0, deadLetters: 0 });
    this.#acknowledge("ack", id);
  }

  #acknowledge(type: "ack" | "ended", id: number): void {
    const figures = this.#sources.get(id);
    if (figures === undefined) return;
    const { cursor, buffered, room } = this.stream;
    const { lines, duplicates, deadLetters } = figures;
    const credit = Math.min(room, this.#options.creditMax ?? room);
    this.#say({ type, id, cursor, buffered, lines, duplicates, dead_letters: deadLetters, credit });
  }

  #collect({ line }: StreamEvent, recipients: Recipients): void {
    this.#events.push(line);
    this.#to.push(recipients === null ? null : [...recipients].flatMap((user) => [...(this.#users.get(user) ?? [])]));
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    const frame: EventsFrame = { type: "events", cursor: this.stream.cursor, events: this.#events, to: this.#to };
    this.#events = [];
    this.#to = [];
    this.#say(frame);
  }

  #say(frame: GatewayFrame): void {
    const life = this.#life;
    setImmediate(() => {
      if (life === this.#life && this.#isOpen && !this.isMute) this.#listener?.onFrame(frame);
    });
  }
}
