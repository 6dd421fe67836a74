/** A stream in memory: the reference that the SQL store is tested against. Forgets everything with the process. */
import type { StreamRecord } from "./stream-transfer.ts";
import type { HeldLines, LogSegment, StoredDeadLetter, StreamCommit, StreamHead, StreamStore } from "./stream-store.ts";

export class MemoryStreamStore implements StreamStore {
  #head: StreamHead | undefined;
  #log: LogSegment[] = [];
  #held = new Map<number, HeldLines>();
  #gaps: number[] = [];
  #checkpoint: readonly string[] = [];
  #checkpoints = 0;
  #deadLetters: StoredDeadLetter[] = [];

  head(): StreamHead | undefined {
    return this.#head;
  }

  held(): Iterable<HeldLines> {
    return [...this.#held.values()].toSorted((a, b) => a.id - b.id);
  }

  gaps(): readonly number[] {
    return this.#gaps;
  }

  checkpoint(): Iterable<string> {
    return this.#checkpoint;
  }

  checkpointChunk(chunk: number): string | undefined {
    return this.#checkpoint[chunk];
  }

  checkpointMark(): string {
    return String(this.#checkpoints);
  }

  segmentsAfter(sequence: number, unitsMax: number): readonly LogSegment[] {
    const found: LogSegment[] = [];
    let units = 0;
    for (const segment of this.#log) {
      if (segment.last <= sequence) continue;
      units += segment.text.length;
      if (found.length > 0 && units > unitsMax) break;
      found.push(segment);
    }
    return found;
  }

  deadLetters(after: number, limit: number): readonly StoredDeadLetter[] {
    return this.#deadLetters.filter(({ id }) => id > after).slice(0, limit);
  }

  commit(commit: StreamCommit): void {
    const checkpoint = commit.checkpoint === undefined ? this.#checkpoint : [...commit.checkpoint];
    this.#checkpoint = checkpoint;
    if (commit.checkpoint !== undefined) this.#checkpoints += 1;
    this.#head = commit.head;
    this.#log = [...this.#log, ...commit.segments].filter(({ last }) => last > commit.logTrimmed);
    for (const lines of commit.held) this.#held.set(lines.id, lines);
    for (const id of commit.passed) this.#held.delete(id);
    const gaps = [...this.#gaps, ...commit.gaps];
    const kept = gaps.findIndex((bound, at) => at % 2 === 1 && bound > commit.gapsTrimmed);
    this.#gaps = kept === -1 ? [] : gaps.slice(kept - 1);
    this.#deadLetters = [...this.#deadLetters, ...commit.deadLetters].filter(
      ({ id }) => id > commit.deadLettersTrimmed,
    );
  }

  restore(record: StreamRecord): void {
    if (record.kind === "graph") this.#checkpoint = [...this.#checkpoint, record.text];
    else if (record.kind === "segment") this.#log.push(record.segment);
    else if (record.kind === "gaps") this.#gaps.push(...record.bounds);
    else if (record.kind === "dead letters") this.#deadLetters.push(...record.letters);
    else if (record.kind === "held") this.#held.set(record.lines.id, record.lines);
    else this.#head = record.head;
  }
}
