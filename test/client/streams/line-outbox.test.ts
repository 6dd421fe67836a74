/** Lines between being given and being acknowledged, through any credit, acks and cuts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineOutbox } from "../../../src/client/streams/line-outbox.ts";

function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${from + index}|B\n`).join("");
}

function numbers(text: string | undefined): readonly number[] {
  return (text ?? "")
    .split("\n")
    .slice(0, -1)
    .map((line) => Number.parseInt(line, 10));
}

describe("an outbox of lines", () => {
  it("sends nothing without credit, and no more than it", () => {
    const outbox = new LineOutbox();
    outbox.push(lines(1, 5), 5);
    expect(outbox.take(true)).toBeUndefined();
    outbox.ack(0, 3);
    expect(numbers(outbox.take(true))).toEqual([1, 2, 3]);
    expect(outbox.take(true)).toBeUndefined();
    expect([outbox.lines, outbox.unsentChars]).toEqual([5, 8]);
    outbox.ack(3, 1);
    expect(numbers(outbox.take(true))).toEqual([4]);
    outbox.ack(4, 4);
    expect(numbers(outbox.take(true))).toEqual([5]);
    outbox.ack(5, 0);
    expect([outbox.lines, outbox.chars, outbox.unsentChars]).toEqual([0, 0, 0]);
  });

  it("waits for more while little is there and something is under way", () => {
    const outbox = new LineOutbox();
    outbox.ack(0, 1_000_000);
    outbox.push(lines(1, 1), 1);
    expect(numbers(outbox.take(false))).toEqual([1]);
    outbox.push(lines(2, 2), 2);
    expect(outbox.take(false)).toBeUndefined();
    outbox.push(lines(4, 3), 3);
    outbox.ack(1, 1_000_000);
    expect(numbers(outbox.take(false))).toEqual([2, 3, 4, 5, 6]);
    outbox.push(lines(10_000, 10_000), 10_000);
    expect(numbers(outbox.take(false))).toHaveLength(10_000);
  });

  it("makes no message longer than a server takes", () => {
    const outbox = new LineOutbox();
    outbox.ack(0, 1_000_000);
    outbox.push(lines(1_000_000, 100_000), 100_000);
    outbox.push(`1|S|${"x".repeat(300_000)}\n`, 1);
    const sizes: number[] = [];
    for (let text = outbox.take(true); text !== undefined; text = outbox.take(true)) sizes.push(text.length);
    expect(sizes.slice(0, -1).every((size) => size <= 256 * 1024)).toBe(true);
    expect(sizes.at(-1)).toBe(300_005);
    expect(outbox.unsentChars).toBe(0);
  });

  it("says so when an acknowledgement can't be", () => {
    const outbox = new LineOutbox();
    outbox.ack(0, 10);
    outbox.push(lines(1, 2), 2);
    outbox.take(true);
    expect(outbox.ack(3, 10)).toBe(false);
    expect(outbox.ack(2, 10)).toBe(true);
    expect(outbox.ack(1, 10)).toBe(false);
  });

  it("brings every line to a server that acknowledges as it likes and loses connections", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("push" as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant("send" as const) }),
      fc.record({ kind: fc.constant("ack" as const), count: fc.nat(5), credit: fc.nat(4) }),
      fc.record({ kind: fc.constant("cut" as const), taken: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const outbox = new LineOutbox();
        let pushed = 0;
        /** What the server has, and of this connection: taken, acknowledged, and on the way to it. */
        let kept: number[] = [];
        let [acked, way] = [0, [] as number[]];
        const send = (): void => {
          way.push(...numbers(outbox.take(true)));
        };
        const take = (count: number): void => {
          kept.push(...way.splice(0, count));
        };
        const ack = (credit: number): void => {
          expect(outbox.ack(acked, credit)).toBe(true);
        };
        for (const each of steps) {
          if (each.kind === "push") {
            outbox.push(lines(pushed + 1, each.count), each.count);
            pushed += each.count;
          } else if (each.kind === "send") send();
          else if (each.kind === "ack") {
            const before = way.length;
            take(each.count);
            acked += before - way.length;
            ack(way.length + each.credit);
          } else {
            take(each.taken);
            way = [];
            acked = 0;
            outbox.rewind();
          }
          expect(outbox.unsentChars).toBeLessThanOrEqual(outbox.chars);
        }
        for (let rounds = 0; outbox.lines > 0 && rounds < 200; rounds++) {
          ack(3);
          send();
          acked += way.length;
          take(way.length);
          ack(3);
        }
        kept = [...new Set(kept)];
        expect(kept).toEqual(Array.from({ length: pushed }, (_, index) => index + 1));
        expect(outbox.chars).toBe(0);
      }),
    );
  });
});
