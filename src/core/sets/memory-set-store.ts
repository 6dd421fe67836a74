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
      if (entry !== undefined) found.set(element, entry);
    }
    return found;
  }

  commit(entries: readonly SequencedEntry[], head: SetHead): void {
    for (const entry of entries) this.#entries.set(entry.element, entry);
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

  oldestTombstoneMs(): number | undefined {
    return this.#tombstones()[0]?.timestamp;
  }

  purge(throughMs: number, limit: number): readonly Entry[] {
    const purged = this.#tombstones()
      .filter((entry) => entry.timestamp <= throughMs)
      .slice(0, limit);
    for (const { element } of purged) this.#entries.delete(element);
    return purged;
  }

  #tombstones(): readonly SequencedEntry[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.op === "remove")
      .toSorted((a, b) => a.timestamp - b.timestamp);
  }
}
