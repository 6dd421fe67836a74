/**
 * The users behind one gateway. Those that have joined are told together what happens; those that join with a number
 * are first told what came after it, and then join. They are brought up in one pass over the log: whoever is furthest
 * back goes first and takes along those that it reaches. If the gateway does not keep up, nothing is kept for it: all
 * that have joined go back to the log, from where they are, until they are at the cursor again.
 */
import type { StreamEvent } from "../../core/streams/line.ts";
import type { OrderedStream } from "../../core/streams/ordered-stream.ts";
import type { Replay } from "../../core/streams/replay.ts";
import type { Recipients } from "../../core/streams/router.ts";
import type { GatewayFrame, GatewayJoin } from "../../protocol/stream-frames.ts";
import type { ConnectedUsers, GatewayEar } from "./connected-users.ts";
import { GatewayFrames } from "./gateway-frames.ts";

/** What may wait for the next round; with more the gateway goes back to the log. */
const PENDING_UNITS_MAX = 2 << 20;
/** What a step of a replay may tell. */
const STEP_UNITS_MAX = 1 << 20;
/** A gateway whose users nothing concerns is told the cursor when it has gone on by so many numbers. */
const CURSOR_LAG_MAX = 10_000;

/** Connections that follow the log together. */
interface Group {
  readonly users: Map<number, string>;
  readonly since: number;
  replay: Replay | undefined;
}

export interface GatewayUsersHost {
  stream(): OrderedStream;
  readonly users: ConnectedUsers;
  send(text: string): void;
  /** Whether enough waits for the gateway already. */
  isFull(): boolean;
}

export class GatewayUsers implements GatewayEar {
  readonly #host: GatewayUsersHost;
  readonly #joined = new Map<number, string>();
  /** Whoever is furthest back is the first; each is at another number, once {@link #meet} was called. */
  #joining: Group[] = [];
  readonly #pending = new GatewayFrames();
  /** The number up to which those that have joined were told everything. */
  #position: number;
  /** They are no longer told, but replay what they lack. */
  #isBehind = false;
  #replay: Replay | undefined;

  constructor(host: GatewayUsersHost) {
    this.#host = host;
    this.#position = host.stream().cursor;
    host.users.addGateway(this);
  }

  get size(): number {
    return this.#joining.reduce((size, { users }) => size + users.size, this.#joined.size);
  }

  has(id: number): boolean {
    return this.#joined.has(id) || this.#joining.some(({ users }) => users.has(id));
  }

  /** Connections that are not there yet, from where each says that it is. They join in the next round. */
  join(joins: readonly GatewayJoin[]): void {
    const { cursor } = this.#host.stream();
    const groups = new Map<number, Map<number, string>>();
    for (const { id, user, since = cursor } of joins) {
      const group = groups.get(since);
      if (group === undefined) groups.set(since, new Map([[id, user]]));
      else group.set(id, user);
    }
    for (const [since, users] of groups) this.#joining.push({ users, since, replay: undefined });
  }

  leave(ids: readonly number[]): void {
    for (const id of ids) {
      for (const { users } of this.#joining) users.delete(id);
      const user = this.#joined.get(id);
      if (user === undefined) continue;
      this.#joined.delete(id);
      this.#host.users.leaveGateway(user, this, id);
    }
  }

  leaveAll(): void {
    this.leave([...this.#joined.keys()]);
    this.#host.users.removeGateway(this);
  }

  told(event: StreamEvent, ids: readonly number[] | null): void {
    if (this.#isBehind || this.#joined.size === 0) return;
    this.#pending.add(event, ids);
    if (this.#pending.units > PENDING_UNITS_MAX) this.lost();
  }

  skipped(from: number, to: number): void {
    if (!this.#isBehind && this.#joined.size > 0) this.#pending.skip(from, to);
  }

  lost(): void {
    if (this.#joined.size === 0) return;
    this.#isBehind = true;
    this.#replay = undefined;
    this.#pending.clear();
  }

  /**
   * Sends what there is to tell, unless the gateway is full. `more`: there is more to be sent in another round;
   * `overtaken`: what those that have joined lack is no longer kept, and there is no way on.
   */
  flush(): "done" | "more" | "overtaken" {
    const stream = this.#host.stream();
    if (this.#host.isFull()) return "more";
    if (this.#isBehind) {
      if (this.#position < stream.oldest) return "overtaken";
      if (!this.#catchUp(stream)) return "more";
    }
    this.#sendPending(stream.cursor);
    for (;;) {
      this.#meet();
      const [group, next] = this.#joining;
      if (group === undefined) return "done";
      if (!this.#bringUp(group, stream, next === undefined ? Infinity : positionOf(next))) return "more";
      this.#joining.shift();
    }
  }

  /** Groups that are at the same number go on as one: a log that grows would outrun many passes over it. */
  #meet(): void {
    const met = new Map<number, Group>();
    for (const group of this.#joining) {
      if (group.users.size === 0) continue;
      const position = positionOf(group);
      const other = met.get(position);
      if (other === undefined) met.set(position, group);
      else {
        const users = new Map([...other.users, ...group.users]);
        met.set(position, { users, since: position, replay: undefined });
      }
    }
    this.#joining = Array.from(met.values()).toSorted((one, other) => positionOf(one) - positionOf(other));
  }

  #sendPending(cursor: number): void {
    const texts = this.#pending.take(cursor);
    for (const text of texts) this.#host.send(text);
    if (texts.length > 0) this.#position = cursor;
    else if (this.#joined.size === 0) this.#position = cursor;
    else if (cursor - this.#position > CURSOR_LAG_MAX) {
      this.#send({ type: "events", cursor, events: [], to: [] });
      this.#position = cursor;
    }
  }

  /** One step for those that have joined. Answers whether they are at the cursor. */
  #catchUp(stream: OrderedStream): boolean {
    const connections = byUser(this.#joined);
    this.#replay ??= stream.replay(connections, this.#position);
    const frames = new GatewayFrames();
    this.#step(this.#replay, frames, connections, true);
    this.#position = this.#replay.position;
    for (const text of frames.take(this.#position)) this.#host.send(text);
    if (this.#position < stream.cursor) return false;
    // Nothing they were not told is before the cursor, so where they are is told even if there was nothing else.
    this.#send({ type: "events", cursor: this.#position, events: [], to: [] });
    this.#isBehind = false;
    this.#replay = undefined;
    return true;
  }

  /**
   * One step for a group that joins, which joins at the cursor. Answers whether it is through.
   *
   * @param until the number at which another group is
   */
  #bringUp(group: Group, stream: OrderedStream, until: number): boolean {
    const { cursor, oldest } = stream;
    const position = positionOf(group);
    if (position < oldest || position > cursor) {
      this.#refuse(group, position < oldest, stream);
      return true;
    }
    if (position < cursor) {
      const connections = byUser(group.users);
      group.replay ??= stream.replay(connections, position);
      const frames = new GatewayFrames([...group.users.keys()]);
      this.#step(group.replay, frames, connections, false, until);
      for (const text of frames.take(group.replay.position)) this.#host.send(text);
      if (group.replay.position < cursor) return false;
    }
    for (const [id, user] of group.users) {
      this.#joined.set(id, user);
      this.#host.users.enterGateway(user, this, id);
    }
    this.#position = cursor;
    this.#send({ type: "joined", ids: [...group.users.keys()], cursor });
    return true;
  }

  /**
   * @param mayBeAll whether an event that is for everybody may say so, in the place of naming each
   * @param until the number to which it goes at most, or beyond it only over numbers that were skipped
   */
  #step(
    replay: Replay,
    frames: GatewayFrames,
    connections: ReadonlyMap<string, readonly number[]>,
    mayBeAll: boolean,
    until = Infinity,
  ): void {
    const all = [...connections.values()].flat();
    replay.step({
      told: (event: StreamEvent, recipients: Recipients) => {
        const ids = recipients === null ? all : [...recipients].flatMap((user) => connections.get(user) ?? []);
        if (ids.length > 0) frames.add(event, recipients === null && mayBeAll ? null : ids);
      },
      skipped: (from, to) => frames.skip(from, to),
      isFull: () => frames.units > STEP_UNITS_MAX || replay.position >= until,
    });
  }

  #refuse({ users, since }: Group, isGone: boolean, { oldest, cursor }: OrderedStream): void {
    const code = isGone ? "offset_gone" : "invalid_request";
    const detail = isGone
      ? `The events up to ${oldest} are no longer kept, and ${since} is before that.`
      : `since: must not be beyond the cursor, which is ${cursor}.`;
    for (const id of users.keys()) this.#send({ type: "refused", what: "user", id, code, detail });
  }

  #send(frame: GatewayFrame): void {
    this.#host.send(JSON.stringify(frame));
  }
}

/** The number up to which a group was told everything. */
function positionOf({ replay, since }: Group): number {
  return replay?.position ?? since;
}

/** The connections of each user. */
function byUser(users: ReadonlyMap<number, string>): ReadonlyMap<string, readonly number[]> {
  const connections = new Map<string, number[]>();
  for (const [id, user] of users) {
    const ids = connections.get(user);
    if (ids === undefined) connections.set(user, [id]);
    else ids.push(id);
  }
  return connections;
}
