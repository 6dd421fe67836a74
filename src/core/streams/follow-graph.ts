/**
 * Who follows whom, and since which sequence number; of follows that ended, in which interval they held, as far back as
 * replay needs it. Users are interned: an edge is a few words, however long the names.
 *
 * A follow holds for the events after its own number and before that of its end.
 */

/** Units of text in a chunk of the checkpoint: a row of the database takes 2 MB, and a unit is at most 3 bytes. */
const CHUNK_UNITS_MAX = 600_000;
/** Numbers in a chunk; each has at most 16 digits and a comma. */
const CHUNK_NUMBERS_MAX = 30_000;

/**
 * What a user and a follow take in memory, in bytes: an estimate for the platform, whose pointers have four bytes. With the
 * eight of Node the heap grows by a quarter more for dense graphs and two thirds more for sparse ones (`stream-bench.ts`).
 */
const USER_BYTES = 80;
const FOLLOW_BYTES = 40;

/** Follows of one user that ended, in the order of their ends. */
interface Ended {
  /** Followee, first number, last number, one after the other. */
  intervals: number[];
  /** Where those begin that are still kept. */
  start: number;
}

const NONE_ENDED: Ended = { intervals: [], start: 0 };

export class FollowGraph {
  readonly #ids = new Map<string, number>();
  /** By id; the empty name is of an id that is free. */
  readonly #names: string[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];
  #nameUnits = 0;
  /** Follower to followees, each with the number since which. */
  readonly #following = new Map<number, Map<number, number>>();
  readonly #ended = new Map<number, Ended>();
  /** The last number and the follower of each follow that ended, in order, one after the other. */
  #ends: number[] = [];
  #endsStart = 0;
  #size = 0;

  /** How many follows hold. */
  get size(): number {
    return this.#size;
  }

  /** How many follows that ended are kept. */
  get endedSize(): number {
    return (this.#ends.length - this.#endsStart) / 2;
  }

  /** About how many bytes of memory it takes, without the follows that ended. */
  get weight(): number {
    return this.#size * FOLLOW_BYTES + this.#ids.size * USER_BYTES + this.#nameUnits;
  }

  /** Answers whether anything changed: who follows already goes on from where it began. */
  follow(follower: string, followee: string, sequence: number): boolean {
    const from = this.#intern(follower);
    const to = this.#intern(followee);
    if (this.#following.get(from)?.has(to) === true) return false;
    this.#add(from, to, sequence);
    return true;
  }

  /** Answers whether anything changed. */
  unfollow(follower: string, followee: string, sequence: number): boolean {
    const from = this.#ids.get(follower);
    const to = this.#ids.get(followee);
    if (from === undefined || to === undefined) return false;
    const following = this.#following.get(from);
    const since = following?.get(to);
    if (following === undefined || since === undefined) return false;
    following.delete(to);
    if (following.size === 0) this.#following.delete(from);
    this.#size -= 1;
    // The interval goes on using both users in the place of the follow.
    this.#addEnded(from, to, since, sequence);
    return true;
  }

  /** Whom `follower` followed when `sequence` was the last event. */
  followingAt(follower: string, sequence: number): readonly string[] {
    const from = this.#ids.get(follower);
    if (from === undefined) return [];
    const found: string[] = [];
    for (const [to, since] of this.#following.get(from) ?? []) {
      if (since <= sequence) found.push(this.#names[to] as string);
    }
    const { intervals, start } = this.#ended.get(from) ?? NONE_ENDED;
    for (let at = start; at < intervals.length; at += 3) {
      const [to, first, last] = intervals.slice(at, at + 3) as [number, number, number];
      if (first <= sequence && sequence < last) found.push(this.#names[to] as string);
    }
    return found;
  }

  /** Forgets follows that ended at or before `sequence`, for nobody asks who followed whom before it any more. */
  trim(sequence: number): void {
    while ((this.#ends[this.#endsStart] ?? Infinity) <= sequence) this.#dropEnded();
  }

  /** The number at which the `count`-th of the follows that ended, from the oldest, ended. */
  endOf(count: number): number {
    return this.#ends[this.#endsStart + 2 * (count - 1)] ?? 0;
  }

  /** The graph as text, in chunks that {@link restore} takes back in the same order. */
  *checkpoint(): Generator<string> {
    yield* this.#nameChunks();
    let open: number[] = [];
    for (const [from, following] of this.#following) {
      for (const [to, since] of following) {
        open.push(from, to, since);
        if (open.length < CHUNK_NUMBERS_MAX) continue;
        yield JSON.stringify({ open });
        open = [];
      }
    }
    if (open.length > 0) yield JSON.stringify({ open });
    yield* this.#endedChunks();
  }

  /** Into a graph that is empty. */
  restore(chunks: Iterable<string>): void {
    for (const chunk of chunks) {
      const { names = [], open = [], ended = [] } = JSON.parse(chunk) as Chunk;
      for (const name of names) this.#restoreName(name);
      for (let at = 0; at < open.length; at += 3) {
        this.#add(open[at] as number, open[at + 1] as number, open[at + 2] as number);
      }
      for (let at = 0; at < ended.length; at += 4) {
        const [from, to, first, last] = ended.slice(at, at + 4) as [number, number, number, number];
        this.#use(from);
        this.#use(to);
        this.#addEnded(from, to, first, last);
      }
    }
  }

  #add(from: number, to: number, sequence: number): void {
    const following = this.#following.get(from);
    if (following === undefined) this.#following.set(from, new Map([[to, sequence]]));
    else following.set(to, sequence);
    this.#use(from);
    this.#use(to);
    this.#size += 1;
  }

  #addEnded(from: number, to: number, first: number, last: number): void {
    const ended = this.#ended.get(from);
    if (ended === undefined) this.#ended.set(from, { intervals: [to, first, last], start: 0 });
    else ended.intervals.push(to, first, last);
    this.#ends.push(last, from);
  }

  #dropEnded(): void {
    const from = this.#ends[this.#endsStart + 1] as number;
    this.#endsStart += 2;
    if (this.#endsStart > 1_024 && this.#endsStart * 2 > this.#ends.length) {
      this.#ends = this.#ends.slice(this.#endsStart);
      this.#endsStart = 0;
    }
    const ended = this.#ended.get(from) ?? NONE_ENDED;
    this.#release(ended.intervals[ended.start] as number);
    this.#release(from);
    ended.start += 3;
    if (ended.start === ended.intervals.length) this.#ended.delete(from);
    else if (ended.start * 2 > ended.intervals.length) {
      ended.intervals = ended.intervals.slice(ended.start);
      ended.start = 0;
    }
  }

  /** A name's id, which stays only if it is used. */
  #intern(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#names.length;
    // A copy: a part of a line would keep all the text that came with it in memory.
    this.#name(id, JSON.parse(JSON.stringify(name)) as string);
    return id;
  }

  #name(id: number, name: string): void {
    this.#names[id] = name;
    this.#uses[id] = 0;
    this.#ids.set(name, id);
    this.#nameUnits += name.length;
  }

  #use(id: number): void {
    this.#uses[id] = (this.#uses[id] ?? 0) + 1;
  }

  #release(id: number): void {
    const uses = (this.#uses[id] ?? 0) - 1;
    this.#uses[id] = uses;
    if (uses > 0) return;
    const name = this.#names[id] as string;
    this.#ids.delete(name);
    this.#nameUnits -= name.length;
    this.#names[id] = "";
    this.#free.push(id);
  }

  #restoreName(name: string): void {
    const id = this.#names.length;
    if (name !== "") return this.#name(id, name);
    this.#names.push(name);
    this.#uses.push(0);
    this.#free.push(id);
  }

  *#nameChunks(): Generator<string> {
    let names: string[] = [];
    let units = 0;
    for (const name of this.#names) {
      names.push(name);
      // A name has no control characters, so at worst each unit is a quote that is escaped.
      units += 2 * name.length + 3;
      if (units < CHUNK_UNITS_MAX) continue;
      yield JSON.stringify({ names });
      names = [];
      units = 0;
    }
    if (names.length > 0) yield JSON.stringify({ names });
  }

  *#endedChunks(): Generator<string> {
    const positions = new Map<number, number>();
    let ended: number[] = [];
    for (let at = this.#endsStart; at < this.#ends.length; at += 2) {
      const from = this.#ends[at + 1] as number;
      const { intervals, start } = this.#ended.get(from) ?? NONE_ENDED;
      const next = positions.get(from) ?? start;
      positions.set(from, next + 3);
      ended.push(from, ...intervals.slice(next, next + 3));
      if (ended.length < CHUNK_NUMBERS_MAX) continue;
      yield JSON.stringify({ ended });
      ended = [];
    }
    if (ended.length > 0) yield JSON.stringify({ ended });
  }
}

interface Chunk {
  readonly names?: readonly string[];
  /** Follower, followee, since. */
  readonly open?: readonly number[];
  /** Follower, followee, first, last. */
  readonly ended?: readonly number[];
}
