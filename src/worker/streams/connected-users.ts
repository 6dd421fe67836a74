/**
 * The users that are there: those with viewers of their own, whose windows are filled here, and those behind gateways,
 * which are told together. Bounded: a turn that tells more than can be kept tells nobody, and leaves all to replay.
 */
import type { StreamEvent } from "../../core/streams/line.ts";
import type { Audience } from "../../core/streams/ordered-stream.ts";
import type { Recipients, Users } from "../../core/streams/router.ts";
import { UserWindow } from "./user-window.ts";

/** What one turn may note down, over all users. */
const NOTICES_MAX = 1_000_000;

const NO_USERS: Users = new Map<string, never>();

/** Someone who speaks for many users, and is told which of its connections an event is for. */
export interface GatewayEar {
  /** @param ids `null`: all that it speaks for */
  told(event: StreamEvent, ids: readonly number[] | null): void;
  skipped(from: number, to: number): void;
  /** The turn told more than can be kept: what it did not tell must be replayed. */
  lost(): void;
}

interface ConnectedUser {
  /** How many viewers of its own the user has. */
  viewers: number;
  window: UserWindow | undefined;
  readonly gateways: Map<GatewayEar, number[]>;
}

/** Is told whenever a user is there for the first time, and when the last connection is gone. */
export interface Presence {
  join(user: string): void;
  leave(user: string): void;
  readonly cursor: number;
}

export class ConnectedUsers implements Audience {
  readonly #users = new Map<string, ConnectedUser>();
  readonly #gateways = new Set<GatewayEar>();
  readonly #presence: () => Presence;
  /** Those whose windows hold anything. */
  #filled = new Set<UserWindow>();
  #viewers = 0;
  #notices = 0;

  /** @param presence the stream as of now */
  constructor(presence: () => Presence) {
    this.#presence = presence;
  }

  get users(): Users {
    return this.#notices > NOTICES_MAX ? NO_USERS : this.#users;
  }

  /** Viewers of single users. */
  get viewers(): number {
    return this.#viewers;
  }

  window(user: string): UserWindow | undefined {
    return this.#users.get(user)?.window;
  }

  enter(user: string): void {
    const connected = this.#open(user);
    connected.window ??= new UserWindow(this.#presence().cursor);
    connected.viewers += 1;
    this.#viewers += 1;
  }

  leave(user: string): void {
    const connected = this.#users.get(user);
    if (connected?.window === undefined) return;
    this.#viewers -= 1;
    connected.viewers -= 1;
    if (connected.viewers > 0) return;
    this.#filled.delete(connected.window);
    connected.window = undefined;
    this.#close(user, connected);
  }

  addGateway(gateway: GatewayEar): void {
    this.#gateways.add(gateway);
  }

  removeGateway(gateway: GatewayEar): void {
    this.#gateways.delete(gateway);
  }

  /** A connection of a gateway is told from now on. */
  enterGateway(user: string, gateway: GatewayEar, id: number): void {
    const { gateways } = this.#open(user);
    const ids = gateways.get(gateway);
    if (ids === undefined) gateways.set(gateway, [id]);
    else ids.push(id);
  }

  leaveGateway(user: string, gateway: GatewayEar, id: number): void {
    const connected = this.#users.get(user);
    if (connected === undefined) return;
    const ids = (connected.gateways.get(gateway) ?? []).filter((each) => each !== id);
    if (ids.length > 0) connected.gateways.set(gateway, ids);
    else connected.gateways.delete(gateway);
    this.#close(user, connected);
  }

  told(event: StreamEvent, recipients: Recipients): void {
    const { sequence, line } = event;
    if (recipients === null) {
      for (const { window } of this.#users.values()) this.#push(window, sequence, line);
      for (const gateway of this.#gateways) gateway.told(event, null);
      return;
    }
    let ids: Map<GatewayEar, readonly number[]> | undefined;
    for (const user of recipients) {
      const connected = this.#users.get(user);
      if (connected === undefined) continue;
      this.#push(connected.window, sequence, line);
      for (const [gateway, own] of connected.gateways) {
        ids ??= new Map();
        const others = ids.get(gateway);
        ids.set(gateway, others === undefined ? own : [...others, ...own]);
      }
    }
    for (const [gateway, own] of ids ?? []) {
      this.#notices += own.length;
      gateway.told(event, own);
    }
  }

  skipped(from: number, to: number): void {
    for (const { window } of this.#users.values()) this.#push(window, to, [from, to]);
    for (const gateway of this.#gateways) gateway.skipped(from, to);
  }

  /** The turn is over. */
  settle(): void {
    if (this.#notices > NOTICES_MAX) {
      const { cursor } = this.#presence();
      for (const { window } of this.#users.values()) window?.forget(cursor);
      for (const gateway of this.#gateways) gateway.lost();
      this.#filled = new Set();
    }
    this.#notices = 0;
  }

  /** A round of frames is over. */
  flushed(): void {
    for (const window of this.#filled) if (!window.settle()) this.#filled.delete(window);
  }

  #push(window: UserWindow | undefined, sequence: number, told: string | readonly [number, number]): void {
    if (window === undefined) return;
    window.push(sequence, told);
    this.#filled.add(window);
    this.#notices += 1;
  }

  #open(user: string): ConnectedUser {
    let connected = this.#users.get(user);
    if (connected === undefined) {
      connected = { viewers: 0, window: undefined, gateways: new Map() };
      this.#users.set(user, connected);
      this.#presence().join(user);
    }
    return connected;
  }

  #close(user: string, { window, gateways }: ConnectedUser): void {
    if (window !== undefined || gateways.size > 0) return;
    this.#users.delete(user);
    this.#presence().leave(user);
  }
}
