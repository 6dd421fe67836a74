/**
 * Finds the least of the numbers that wait, without keeping them in order: numbers are grouped by 64, and a binary heap
 * orders the groups. What holds the numbers themselves says whether one still waits, so nothing is ever taken out of
 * here by itself; groups that were passed go when they come to the top.
 */

const GROUP_SIZE = 64;

export class SequenceIndex {
  readonly #heap: number[] = [];
  readonly #groups = new Set<number>();
  #latest = -1;

  add(sequence: number): void {
    const group = Math.floor(sequence / GROUP_SIZE);
    // Most numbers are near the one before.
    if (group === this.#latest) return;
    this.#latest = group;
    if (this.#groups.has(group)) return;
    this.#groups.add(group);
    this.#push(group);
  }

  /** The least number above `after` that waits. */
  next(after: number, waits: (sequence: number) => boolean): number | undefined {
    for (;;) {
      const [group] = this.#heap;
      if (group === undefined) return undefined;
      const end = (group + 1) * GROUP_SIZE;
      for (let sequence = Math.max(after + 1, group * GROUP_SIZE); sequence < end; sequence++) {
        if (waits(sequence)) return sequence;
      }
      this.#pop();
    }
  }

  /** Forgets what is below `after` as a whole, so that groups do not pile up while no hole is looked for. */
  pass(after: number): void {
    const group = Math.floor(after / GROUP_SIZE);
    while ((this.#heap[0] ?? group) < group) this.#pop();
  }

  #push(group: number): void {
    const heap = this.#heap;
    let at = heap.push(group) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= group) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = group;
  }

  #pop(): void {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined) return;
    this.#groups.delete(top);
    if (top === this.#latest) this.#latest = -1;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
  }
}
