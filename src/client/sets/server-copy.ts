/**
 * What is known of the server's state, from its frames alone: nothing local gets in before the server says so. That is
 * why its size and digest can be compared with the server's at any time, whatever is still unsent.
 */
import { EMPTY_DIGEST, formatDigest, updateDigest } from "../../core/sets/digest.ts";
import { isMember } from "../../core/sets/lww.ts";
import type { Entry } from "../../core/sets/lww.ts";
import { sha256Hash64 } from "../../protocol/hash64.ts";

export class ServerCopy {
  readonly #entries = new Map<string, Entry>();
  #size = 0;
  #digest = EMPTY_DIGEST;

  get size(): number {
    return this.#size;
  }

  get digest(): string {
    return formatDigest(this.#digest);
  }

  get(element: string): Entry | undefined {
    return this.#entries.get(element);
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** The server decides what wins at equal timestamps, so this needn't know the set's bias. */
  apply({ element, op, timestamp }: Entry): void {
    const current = this.#entries.get(element);
    if (current !== undefined && current.timestamp > timestamp) return;
    const entry: Entry = { element, op, timestamp };
    this.#entries.set(element, entry);
    this.#size += Number(isMember(entry)) - Number(isMember(current));
    this.#digest = updateDigest(this.#digest, current, entry, sha256Hash64);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
    this.#digest = EMPTY_DIGEST;
  }
}
