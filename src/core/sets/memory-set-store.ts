/** A set's store in memory: the reference that the SQL stores are tested against. Forgets everything with the process. */
import { compareCodePoints } from "../text.ts";
import type { Entry } from "./lww.ts";
import type { MemberPage, SequencedEntry, SetHead, SetStore } from "./set-store.ts";

export class MemorySetStore implements SetStore {
  readonly #entries = new Map<string, SequencedEntry>();
  #head: SetHead | undefined;

  head(): SetHead | undefined {
    return this.#head;
  }

  read(elements: readonly string[]): ReadonlyMap<string, Entry> {
    const found = new Map<string, Entry>();
    for (const element of elements) {
      const entry = this.#entries.get(element);
      if (entry !== undefined) found.set(element, toEntry(entry));
    }
    return found;
  }

  commit(entries: readonly SequencedEntry[], head: SetHead, purged: readonly string[] = []): void {
    for (const entry of entries) this.#entries.set(entry.element, entry);
    for (const element of purged) this.#entries.delete(element);
    this.#head = head;
  }

  changes(after: number, limit: number): readonly SequencedEntry[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.sequence > after)
      .toSorted((a, b) => a.sequence - b.sequence)
      .slice(0, limit);
  }

  members(after: string, limit: number): MemberPage {
    const elements = [...this.#entries.values()]
      .filter((entry) => entry.op === "add" && compareCodePoints(entry.element, after) > 0)
      .map((entry) => entry.element)
      .toSorted(compareCodePoints);
    const page = elements.slice(0, limit);
    return { elements: page, next: page.length < elements.length ? (page.at(-1) ?? null) : null };
  }

  tombstones(throughMs: number, limit: number): readonly Entry[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.op === "remove" && entry.timestamp <= throughMs)
      .toSorted((a, b) => a.timestamp - b.timestamp || compareCodePoints(a.element, b.element))
      .slice(0, limit)
      .map(toEntry);
  }
}

function toEntry({ element, op, timestamp }: SequencedEntry): Entry {
  return { element, op, timestamp };
}
