/** What every store of a stream does, whatever it is made of. */
import { describe, expect, test } from "vitest";
import { DEFAULT_STREAM_OPTIONS } from "../../../src/core/streams/stream-options.ts";
import type { StreamCommit, StreamHead, StreamStore } from "../../../src/core/streams/stream-store.ts";
import type { OnStreamBench, StreamBench } from "./stream-laws.ts";

const FAR = Number.MAX_SAFE_INTEGER;

export const HEAD: StreamHead = {
  options: { ...DEFAULT_STREAM_OPTIONS, eventTimeoutMs: -FAR },
  cursor: FAR,
  oldest: 1,
  log: { start: 2, events: 3, units: 4 },
  checkpoint: 5,
  totals: {
    follow: 1,
    unfollow: 2,
    broadcast: 3,
    private: 4,
    status: 5,
    gaps: 6,
    skipped: FAR,
    duplicates: 7,
    deadLetters: 8,
  },
};

export function commitOf(change: Partial<StreamCommit>): StreamCommit {
  return {
    head: HEAD,
    segments: [],
    held: [],
    passed: [],
    gaps: [],
    deadLetters: [],
    deadLettersTrimmed: 0,
    logTrimmed: 0,
    gapsTrimmed: 0,
    ...change,
  };
}

function segment(last: number, text: string) {
  return { last, events: text.split("\n").length, text };
}

function letter(id: number, line = `line ${id}`) {
  return { id, atMs: id * 10, reason: "malformed", line } as const;
}

function everything(store: StreamStore) {
  return {
    head: store.head(),
    held: [...store.held()],
    gaps: store.gaps(),
    checkpoint: [...store.checkpoint()],
    segments: store.segmentsAfter(0, 1e9),
    deadLetters: store.deadLetters(0, 1e6),
  };
}

export function describeStreamStore(where: string, onBench: OnStreamBench): void {
  const rule = (title: string, body: (bench: StreamBench) => void) => test(title, () => onBench(body));

  describe(`store of a stream, ${where}`, () => {
    rule("[T16] holds nothing before the first commit, in every answer", (bench) => {
      const nothing = { head: undefined, held: [], gaps: [], checkpoint: [], segments: [], deadLetters: [] };
      expect(everything(bench.fresh())).toEqual(nothing);
    });

    rule("[T17] keeps everything exactly, also for a store opened again", (bench) => {
      const store = bench.fresh();
      const commit = commitOf({
        segments: [segment(3, "2|B\n3|S|\u{1f600}'\""), segment(FAR, `${FAR}|B`)],
        held: [
          { id: 7, seenMs: 8, text: "9|B\n8|B" },
          { id: 9, seenMs: FAR, text: "a" },
        ],
        gaps: [4, 10, 12, FAR],
        deadLetters: [letter(1), { ...letter(FAR, ""), reason: "too_late" }],
        checkpoint: ["one", "two"],
      });
      store.commit(commit);
      const { head, held, gaps, checkpoint, segments, deadLetters } = commit;
      const expected = { head, held, gaps, checkpoint, segments, deadLetters };
      expect(everything(store)).toEqual(expected);
      expect(everything(bench.reopen())).toEqual(expected);
      store.commit(commitOf({ head: { ...HEAD, cursor: 1 } }));
      expect(everything(bench.reopen())).toEqual({ ...expected, head: { ...HEAD, cursor: 1 } });
    });

    rule("[T15] gives the segments after a number, at least one and no more than asked", (bench) => {
      const store = bench.fresh();
      store.commit(commitOf({ segments: [3, 5, 9, 12].map((last) => segment(last, `${last}|Babc`)) }));
      const lasts = (after: number, unitsMax: number) => store.segmentsAfter(after, unitsMax).map(({ last }) => last);
      expect(lasts(0, 0)).toEqual([3]);
      expect(lasts(0, 12)).toEqual([3, 5]);
      expect(lasts(2, 1_000)).toEqual([3, 5, 9, 12]);
      expect(lasts(3, 1_000)).toEqual([5, 9, 12]);
      expect(lasts(9, 6)).toEqual([12]);
      expect(lasts(11, 0)).toEqual([12]);
      expect(lasts(12, 1_000)).toEqual([]);
    });

    rule("[T14] takes away what was trimmed, and what has passed", (bench) => {
      const store = bench.fresh();
      store.commit(commitOf({ segments: [segment(3, "3|B"), segment(5, "5|B")], gaps: [1, 2, 4, 4] }));
      store.commit(commitOf({ segments: [segment(9, "9|B")], gaps: [6, 8] }));
      store.commit(
        commitOf({ held: [11, 12, 13].map((id) => ({ id, seenMs: id, text: "20|B" })), deadLetters: [letter(1)] }),
      );
      store.commit(commitOf({ deadLetters: [letter(2), letter(3)] }));
      store.commit(commitOf({ logTrimmed: 5, gapsTrimmed: 4, passed: [11, 13], deadLettersTrimmed: 1 }));
      const again = bench.reopen();
      expect(again.segmentsAfter(0, 1e6).map(({ last }) => last)).toEqual([9]);
      expect(again.gaps()).toEqual([6, 8]);
      expect([...again.held()].map(({ id }) => id)).toEqual([12]);
      expect(again.deadLetters(0, 10).map(({ id }) => id)).toEqual([2, 3]);
      expect(again.deadLetters(2, 10)).toEqual([letter(3)]);
    });

    rule("[T22] a checkpoint takes the place of the former one", (bench) => {
      const store = bench.fresh();
      store.commit(commitOf({ checkpoint: ["a", "b", "c"] }));
      store.commit(commitOf({ checkpoint: ["d"] }));
      expect([...bench.reopen().checkpoint()]).toEqual(["d"]);
      store.commit(commitOf({ checkpoint: [] }));
      expect([...bench.reopen().checkpoint()]).toEqual([]);
    });

    rule("[T20] gives dead letters in order and by pages, however they were written", (bench) => {
      const store = bench.fresh();
      for (let id = 1; id <= 60; id += 2) store.commit(commitOf({ deadLetters: [letter(id), letter(id + 1)] }));
      expect(store.deadLetters(0, 100).map(({ id }) => id)).toEqual(
        Array.from({ length: 60 }, (_, index) => index + 1),
      );
      expect(store.deadLetters(33, 5).map(({ id }) => id)).toEqual([34, 35, 36, 37, 38]);
      expect(store.deadLetters(60, 5)).toEqual([]);
    });
  });
}
