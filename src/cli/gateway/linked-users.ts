/**
 * The users of a gateway as its stream knows them: who has joined, and from which number on each must be told when the
 * connection to the stream is made anew. So nothing is lost to a user, and nothing told twice.
 */
import type { GatewayFrame, GatewayJoin } from "../../protocol/stream-frames.ts";
import { fanOut } from "./fan-out.ts";
import type { GatewayUser } from "./gateway-user.ts";

type EventsFrame = Extract<GatewayFrame, { readonly type: "events" }>;

interface Linked {
  readonly user: GatewayUser;
  /** `joining`: asked, and not answered on this connection. */
  state: "new" | "joining" | "joined";
  /**
   * It has been told of everything up to this number that it is to be told of; `undefined` where nobody knows, or the
   * stream was never asked to join it.
   */
  upTo: number | undefined;
  /** It had joined once, so there is a place that is its own. */
  hasJoined: boolean;
}

export class LinkedUsers {
  readonly #linked = new Map<number, Linked>();
  readonly #new = new Set<Linked>();
  /** What everyone gets, they get. */
  readonly #joined = new Set<GatewayUser>();
  /** All who have joined were told of everything up to this number. */
  #told = 0;
  /** The stream is known to have processed everything up to this number, whoever was told of it. */
  #processed: number | undefined;

  get size(): number {
    return this.#linked.size;
  }

  /** Of what all users together have not taken, in bytes. */
  get untakenBytes(): number {
    let sum = 0;
    for (const { user } of this.#linked.values()) sum += user.untakenBytes;
    return sum;
  }

  /** The user to whom the most is still to be sent. */
  get slowest(): GatewayUser | undefined {
    let slowest: GatewayUser | undefined;
    for (const { user } of this.#linked.values()) {
      if (user.untakenBytes > (slowest?.untakenBytes ?? 0)) slowest = user;
    }
    return slowest;
  }

  /** One that may be gone already, which only sending something to it would show. */
  get halfClosed(): GatewayUser | undefined {
    for (const { user } of this.#linked.values()) if (user.isHalfClosed) return user;
    return undefined;
  }

  /** All who have joined were told of everything up to this number. */
  get told(): number {
    return this.#told;
  }

  get all(): readonly GatewayUser[] {
    return Array.from(this.#linked.values(), ({ user }) => user);
  }

  /** The stream has processed everything up to this number. */
  heardOf(cursor: number): void {
    this.#processed = Math.max(this.#processed ?? 0, cursor);
  }

  add(user: GatewayUser): void {
    const linked: Linked = { user, state: "new", upTo: undefined, hasJoined: false };
    this.#linked.set(user.id, linked);
    this.#new.add(linked);
  }

  /** Whether the stream has heard of it. */
  remove(user: GatewayUser): boolean {
    const linked = this.#linked.get(user.id);
    if (linked === undefined) return false;
    this.#linked.delete(user.id);
    this.#joined.delete(user);
    return !this.#new.delete(linked);
  }

  /**
   * Those who are to be joined now. Who was never asked for is told of what comes from now on; who was, of what came since
   * they were told last, or at the earliest since they were first asked for.
   */
  takeNew(): readonly GatewayJoin[] {
    const joins: GatewayJoin[] = [];
    for (const linked of this.#new) {
      const { user, upTo } = linked;
      if (user.name === undefined) continue;
      joins.push({ id: user.id, user: user.name, ...(upTo !== undefined && { since: upTo }) });
      linked.state = "joining";
      linked.upTo ??= this.#processed;
    }
    this.#new.clear();
    return joins;
  }

  /** They have, and everyone who has joined is at `cursor`. */
  joined(ids: readonly number[], cursor: number): void {
    this.#told = Math.max(this.#told, cursor);
    for (const id of ids) {
      const linked = this.#linked.get(id);
      if (linked?.state !== "joining") continue;
      linked.state = "joined";
      linked.hasJoined = true;
      linked.upTo = Math.max(linked.upTo ?? 0, cursor);
      this.#joined.add(linked.user);
    }
  }

  /** Asks for it once more, from now on: what it missed can't be had. */
  startAnew(id: number): void {
    const linked = this.#linked.get(id);
    if (linked === undefined) return;
    linked.upTo = undefined;
    this.retry(id);
  }

  /** Asks for it once more. */
  retry(id: number): void {
    const linked = this.#linked.get(id);
    if (linked?.state !== "joining") return;
    linked.state = "new";
    this.#new.add(linked);
  }

  get(id: number): GatewayUser | undefined {
    return this.#linked.get(id)?.user;
  }

  /** Whether it had joined, on this connection or a former one. */
  hasJoined(id: number): boolean {
    return this.#linked.get(id)?.hasJoined === true;
  }

  tell(frame: EventsFrame): void {
    fanOut(frame, (id) => this.#linked.get(id)?.user, this.#joined);
    if (frame.replay === undefined) this.#told = Math.max(this.#told, frame.cursor);
    // A replay says nothing of how far the others are.
    for (const id of frame.replay ?? []) {
      const linked = this.#linked.get(id);
      if (linked !== undefined) linked.upTo = Math.max(linked.upTo ?? 0, frame.cursor);
    }
  }

  /** The connection is gone. On the next one everyone goes on from what they were told last. */
  disconnected(): void {
    for (const linked of this.#linked.values()) {
      if (linked.state === "joined") linked.upTo = Math.max(linked.upTo ?? 0, this.#told);
      linked.state = "new";
      this.#new.add(linked);
    }
    this.#joined.clear();
  }

  /** The stream was erased. Everyone is told of all that the next one of its name has. */
  reset(): void {
    this.disconnected();
    this.#told = this.#processed = 0;
    for (const linked of this.#linked.values()) linked.upTo = 0;
  }
}
