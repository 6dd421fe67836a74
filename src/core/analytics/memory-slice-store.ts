/** A shard's store in memory: the reference that the SQL stores are tested against. Forgets everything with the process. */
import type { PseudonymPage, PseudonymPosition, SliceHead, SliceStore } from "./slice-store.ts";

export class MemorySliceStore implements SliceStore {
  readonly #users = new Set<string>();
  readonly #ids = new Set<string>();
  #salt: string | undefined;
  #head: SliceHead | undefined;

  head(): SliceHead | undefined {
    return this.#head;
  }

  salt(): string | undefined {
    return this.#salt;
  }

  countedUsers(users: readonly string[]): ReadonlySet<string> {
    return new Set(users.filter((user) => this.#users.has(user)));
  }

  countedIds(ids: readonly string[]): ReadonlySet<string> {
    return new Set(ids.filter((id) => this.#ids.has(id)));
  }

  commit(users: readonly string[], ids: readonly string[], head: SliceHead, salt?: string): void {
    for (const user of users) this.#users.add(user);
    for (const id of ids) this.#ids.add(id);
    if (salt !== undefined) this.#salt = salt;
    this.#head = head;
  }

  users(after: PseudonymPosition, limit: number): PseudonymPage {
    return pageOf(this.#users, Number(after), limit);
  }

  ids(after: PseudonymPosition, limit: number): PseudonymPage {
    return pageOf(this.#ids, Number(after), limit);
  }

  seal(head: SliceHead): void {
    this.#users.clear();
    this.#ids.clear();
    this.#salt = undefined;
    this.#head = head;
  }
}

/** Both sets are in the order in which they came. */
function pageOf(all: ReadonlySet<string>, after: number, limit: number): PseudonymPage {
  const pseudonyms = [...all].slice(after, after + limit);
  return { pseudonyms, next: after + pseudonyms.length };
}
