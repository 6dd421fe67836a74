/**
 * One shard of one time slice over a store: counts events, and seals. Keeps the head in memory and who is known to be
 * counted, so a batch costs the same whatever the size of the slice.
 *
 * Everything is synchronous: a call leaves the store either untouched or with the whole change. No name outlives the call
 * that brings it; what is stored are pseudonyms under a salt that is destroyed with them.
 */
import { decide, decideLate } from "./decide.ts";
import type { EventKind, PseudonymousEvent } from "./decide.ts";
import type { KnownNames } from "./known-names.ts";
import type { SliceClaim } from "./routing.ts";
import type { SliceHead, SliceStore } from "./slice-store.ts";
import { headWithPart, readShardPart } from "./shard-part.ts";
import type { ShardPart, ShardPosition } from "./shard-part.ts";
import { NO_TOTALS } from "./totals.ts";
import type { Totals } from "./totals.ts";

export interface SliceEvent {
  readonly user: string;
  readonly event: EventKind;
  readonly id?: string | undefined;
}

/** Makes pseudonyms under one salt. A user and an id of the same text have different ones. */
export interface Pseudonyms {
  ofUser(user: string): string;
  ofId(id: string): string;
}

/** Comes in from outside: what is stored is hashed by a library, and the core imports none. The salt is in hex. */
export type OpenPseudonyms = (salt: string) => Pseudonyms;

export interface Recorded {
  readonly totals: Totals;
  readonly duplicates: number;
}

interface Secret {
  readonly salt: string;
  readonly pseudonyms: Pseudonyms;
}

const NONE: ReadonlySet<string> = new Set();

export class SliceShard {
  readonly #store: SliceStore;
  readonly #openPseudonyms: OpenPseudonyms;
  readonly #known: KnownNames;
  #head: SliceHead | undefined;
  #secret: Secret | undefined;

  /** @param known empty, and this shard's alone */
  constructor(store: SliceStore, openPseudonyms: OpenPseudonyms, known: KnownNames) {
    this.#store = store;
    this.#openPseudonyms = openPseudonyms;
    this.#known = known;
    this.#head = store.head();
  }

  /** What the first event claimed; `undefined` while there was none. */
  get claim(): SliceClaim | undefined {
    return this.#head?.claim;
  }

  get isSealed(): boolean {
    return this.#head !== undefined && this.#head.sealedMs !== null;
  }

  totals(): Totals {
    const { uniqueUsers, clicks, impressions, late } = this.#head ?? NO_TOTALS;
    return { uniqueUsers, clicks, impressions, late };
  }

  /**
   * Counts events of this shard; the first makes the shard what `claim` says, under a salt of its own.
   *
   * @param claim granted, and the same each time
   * @param nowMs the server's clock
   */
  record(events: readonly SliceEvent[], claim: SliceClaim, nowMs: number, newSalt: () => string): Recorded {
    if (events.length === 0) return { totals: this.totals(), duplicates: 0 };
    const before = this.#head ?? { ...NO_TOTALS, claim, lastEventMs: nowMs, sealedMs: null };
    if (before.sealedMs !== null) {
      const kinds = events.map(({ event }) => event);
      const head = decideLate(before, kinds, nowMs);
      this.#store.commit([], [], head);
      this.#head = head;
      return { totals: this.totals(), duplicates: 0 };
    }

    const secret = this.#openSecret(newSalt);
    const names = new Map<string, string>();
    const pseudonymous = events.map((event) => this.#pseudonymize(event, secret.pseudonyms, names));
    const users = [...names.values()];
    const ids: string[] = [];
    for (const { id } of pseudonymous) if (id !== undefined) ids.push(id);
    const countedUsers = users.length === 0 ? NONE : this.#store.countedUsers(users);
    const countedIds = ids.length === 0 ? NONE : this.#store.countedIds(ids);
    const decision = decide(before, pseudonymous, countedUsers, countedIds, nowMs);
    if (decision.head !== before) {
      const salt = this.#head === undefined ? secret.salt : undefined;
      this.#store.commit([...decision.newUsers], [...decision.newIds], decision.head, salt);
      this.#head = decision.head;
    }
    for (const [name, user] of names) {
      // The user of a duplicate may be one that was never counted.
      if (countedUsers.has(user) || decision.newUsers.has(user)) this.#known.add(name);
    }
    return { totals: this.totals(), duplicates: decision.duplicates };
  }

  /** Whether parts of an import have come, but neither its last nor an event, so that nobody knows when the last event was. */
  get isUnfinished(): boolean {
    return this.#head !== undefined && this.#head.sealedMs === null && this.#head.lastEventMs === 0;
  }

  /** When the shard is due to be sealed, in milliseconds since the Unix epoch; `undefined`: it will not be. */
  sealDueMs(sealAfterMs: number): number | undefined {
    const head = this.#head;
    if (head === undefined || head.sealedMs !== null || this.isUnfinished) return undefined;
    return Math.max(head.claim.start + head.claim.sliceMs, head.lastEventMs) + sealAfterMs;
  }

  /** Destroys the pseudonyms and what they were made with. The totals stay. */
  seal(nowMs: number): void {
    if (this.#head === undefined || this.#head.sealedMs !== null) return;
    const head = { ...this.#head, sealedMs: nowMs };
    this.#store.seal(head);
    this.#head = head;
    this.#forgetUsers();
  }

  /** A part for an export; `undefined` if nothing was ever counted here. */
  exportPart(
    position: ShardPosition,
    limit: number,
  ): { readonly part: ShardPart; readonly next: ShardPosition } | undefined {
    return this.#head === undefined ? undefined : readShardPart(this.#store, this.#head, position, limit);
  }

  /** Takes a part of a shard that was exported, once each, in order. It keeps its salt, or its users would count again. */
  restore(part: ShardPart): void {
    const isFirst = this.#head === undefined;
    const before = this.#head ?? { ...NO_TOTALS, claim: part.claim, lastEventMs: 0, sealedMs: null };
    const takesNames = before.sealedMs === null;
    const [users, ids] = [new Set(takesNames ? part.users : []), new Set(takesNames ? part.ids : [])];
    for (const user of this.#store.countedUsers([...users])) users.delete(user);
    for (const id of this.#store.countedIds([...ids])) ids.delete(id);
    const head = headWithPart(before, users.size, part);
    // Of a salt that was made for a first event which was not counted.
    if (isFirst) this.#secret = undefined;
    this.#store.commit([...users], [...ids], head, isFirst ? part.salt : undefined);
    if (head.sealedMs !== null) {
      // It was sealed while it was exported.
      if (this.#store.salt() !== undefined) this.#store.seal(head);
      this.#forgetUsers();
    }
    this.#head = head;
  }

  #forgetUsers(): void {
    this.#secret = undefined;
    this.#known.clear();
  }

  #openSecret(newSalt: () => string): Secret {
    if (this.#secret === undefined) {
      const salt = this.#store.salt() ?? newSalt();
      this.#secret = { salt, pseudonyms: this.#openPseudonyms(salt) };
    }
    return this.#secret;
  }

  /** @param names collects the pseudonyms of users who are not known to be counted, each made once */
  #pseudonymize(
    { user: name, event, id }: SliceEvent,
    pseudonyms: Pseudonyms,
    names: Map<string, string>,
  ): PseudonymousEvent {
    let user: string | undefined;
    if (!this.#known.has(name)) {
      user = names.get(name) ?? pseudonyms.ofUser(name);
      names.set(name, user);
    }
    return { user, event, id: id === undefined ? undefined : pseudonyms.ofId(id) };
  }
}
