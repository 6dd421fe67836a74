import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLine } from "../../../src/core/streams/line.ts";
import type { StreamEvent } from "../../../src/core/streams/line.ts";
import { ReorderBuffer } from "../../../src/core/streams/reorder-buffer.ts";
import { SequenceIndex } from "../../../src/core/streams/sequence-index.ts";
import type { HeldLines } from "../../../src/core/streams/stream-store.ts";

function broadcast(sequence: number, bytes = 0): StreamEvent {
  return parseLine(`${String(sequence).padStart(bytes, "0")}|B`) as StreamEvent;
}

/** What a store would hold. */
class Written {
  readonly rows = new Map<number, HeldLines>();

  settle(buffer: ReorderBuffer, cursor: number, nowMs: number): void {
    const { added, removed } = buffer.settle(cursor, nowMs);
    for (const held of added) this.rows.set(held.id, held);
    for (const id of removed) expect(this.rows.delete(id)).toBe(true);
  }

  get units(): number {
    return [...this.rows.values()].reduce((units, { text }) => units + text.length, 0);
  }
}

describe("the index of numbers that wait", () => {
  test("[T5] finds the least above any number", () => {
    const number = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(63, 64, 65, 127, 128, 1e6, Number.MAX_SAFE_INTEGER));
    const step = fc.record({ kind: fc.constantFrom("add", "add", "remove", "next", "pass"), number });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new SequenceIndex();
        const waiting = new Set<number>();
        let cursor = 0;
        for (const { kind, number: sequence } of steps) {
          if (kind === "add" && sequence > cursor) {
            index.add(sequence);
            waiting.add(sequence);
          }
          if (kind === "remove") waiting.delete(sequence);
          if (kind === "pass" && sequence > cursor) {
            cursor = sequence;
            for (const each of waiting) if (each <= cursor) waiting.delete(each);
            index.pass(cursor);
          }
          const least = [...waiting].reduce((min, each) => Math.min(min, each), Infinity);
          expect(index.next(cursor, (each) => waiting.has(each)) ?? Infinity).toBe(least);
        }
      }),
    );
  });
});

describe("a reorder buffer", () => {
  test("[T21] writes each line once, as one row a turn, and takes the row back when all of it has passed", () => {
    const buffer = new ReorderBuffer();
    const written = new Written();
    for (const sequence of [2, 4, 3]) buffer.put(broadcast(sequence));
    written.settle(buffer, 0, 1);
    expect([...written.rows.values()]).toEqual([{ id: 1, seenMs: 1, text: "2|B\n4|B\n3|B" }]);
    expect(buffer.take(2)?.line).toBe("2|B");
    buffer.put(broadcast(9));
    expect(buffer.take(9)?.line).toBe("9|B");
    written.settle(buffer, 2, 2);
    expect(written.rows.size).toBe(1);
    expect([buffer.take(3)?.line, buffer.take(4)?.line, buffer.take(5)]).toEqual(["3|B", "4|B", undefined]);
    written.settle(buffer, 4, 3);
    expect([written.rows.size, buffer.size, buffer.units]).toEqual([0, 0, 0]);
  });

  test("[T21] what is written is bounded by what waits, though one line of each turn stays for ever", () => {
    const buffer = new ReorderBuffer();
    const written = new Written();
    const far = 1e9;
    let cursor = 0;
    for (let turn = 0; turn < 100; turn++) {
      for (let index = 1; index < 150; index++) buffer.put(broadcast(cursor + index, 1_000));
      buffer.put(broadcast(far + turn, 1_000));
      written.settle(buffer, cursor, turn);
      for (const end = cursor + 149; cursor < end;) buffer.take(++cursor);
    }
    written.settle(buffer, cursor, 100);
    expect(buffer.size).toBe(100);
    expect(written.units).toBeLessThan(2 * buffer.units + (4 << 20) + 1_000_000);
    const restored = new ReorderBuffer();
    restored.restore(written.rows.values(), cursor, 1_000);
    expect([restored.size, restored.units]).toEqual([buffer.size, buffer.units]);
    expect(restored.oldest(1_000)).toMatchObject({ seenMs: 0, isRestored: true });
    for (let turn = 0; turn < 100; turn++) expect(restored.take(far + turn)).toBeDefined();
    written.settle(restored, far + 100, 1_000);
    expect(written.rows.size).toBe(0);
  });

  test("[T24] a turn of many long lines is rows that fit", () => {
    const buffer = new ReorderBuffer();
    const written = new Written();
    const line = (sequence: number) => `${sequence}|S|${"\uffff".repeat(85)}`;
    for (let sequence = 1; sequence <= 20_000; sequence++) buffer.put(parseLine(line(sequence)) as StreamEvent);
    written.settle(buffer, 0, 1);
    expect(written.rows.size).toBeGreaterThan(2);
    for (const { text } of written.rows.values()) {
      expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(2_000_000);
    }
    const restored = new ReorderBuffer();
    restored.restore(written.rows.values(), 19_999, 1);
    expect([restored.size, restored.take(20_000)?.line]).toEqual([1, line(20_000)]);
  });
});
