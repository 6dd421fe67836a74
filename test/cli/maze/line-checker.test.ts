/** The checker finds whatever is not as it must be, however the bytes are cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LineArena } from "../../../src/cli/maze/line-arena.ts";
import { LineChecker } from "../../../src/cli/maze/line-checker.ts";
import { NumberList } from "../../../src/cli/maze/number-list.ts";

const LINES = ["1|B", "2|S|é", "3|P|1|☃", "4|B", "5|F|1|2", "6|B"];
const arena = new LineArena(LINES.length, (index) => LINES[index]!);

function checker(expected: readonly number[], isLate = false): LineChecker {
  const list = new NumberList();
  for (const index of expected) list.push(index);
  return new LineChecker(arena, list, isLate);
}

/** Fed one byte at a time, or as the cuts say. */
function feed(target: LineChecker, text: string, cuts: readonly number[] = []): LineChecker {
  const bytes = Buffer.from(text);
  const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  for (const [index, start] of at.slice(0, -1).entries()) target.take(bytes.subarray(start, at[index + 1]));
  return target;
}

const cuts = fc.array(fc.nat(60), { maxLength: 8 });
const EXPECTED = [1, 2, 4, 5];
const RIGHT = "2|S|é\n3|P|1|☃\n5|F|1|2\n6|B\n";

test("what is right is right however it is cut", () => {
  fc.assert(
    fc.property(cuts, (at) => {
      const checked = feed(checker(EXPECTED), RIGHT, at);
      expect([checked.isComplete, checked.fault, checked.lines, checked.lacking]).toEqual([true, undefined, 4, 0]);
    }),
  );
});

test("anything less is not complete, and anything else is a fault", () => {
  fc.assert(
    fc.property(fc.nat(Buffer.byteLength(RIGHT) - 1), fc.nat(255), cuts, (at, byte, where) => {
      const bytes = Buffer.from(RIGHT);
      const less = checker(EXPECTED);
      less.take(bytes.subarray(0, at));
      expect([less.isComplete, less.fault]).toEqual([false, undefined]);
      if (bytes[at] === byte) return;
      const changed = Buffer.from(bytes);
      changed[at] = byte;
      const wrong = checker(EXPECTED);
      const middle = (where[0] ?? 3) % bytes.length;
      wrong.take(changed.subarray(0, middle));
      wrong.take(changed.subarray(middle));
      expect(wrong.fault).toBeDefined();
      expect(wrong.isComplete).toBe(false);
    }),
  );
});

test.each([
  ["missing", "2|S|é\n5|F|1|2\n6|B\n", 'got "5|F|1|2" after 1 lines, and not "3|P|1|☃"'],
  ["out of order", "3|P|1|☃\n2|S|é\n5|F|1|2\n6|B\n", 'got "3|P|1|☃" after 0 lines, and not "2|S|é"'],
  ["repeated", "2|S|é\n2|S|é\n3|P|1|☃\n5|F|1|2\n6|B\n", 'got "2|S|é" after 1 lines, and not "3|P|1|☃"'],
  ["one too many", `${RIGHT}6|B\n`, 'got "6|B" after 4 lines, and not nothing more'],
  ["ended in CRLF", RIGHT.replaceAll("\n", "\r\n"), 'got "2|S|é" after 0 lines, and not "2|S|é"'],
])("a line that is %s", (_, text, fault) => {
  expect(feed(checker(EXPECTED), text).fault).toBe(fault);
});

test("who came late gets the end of its lines, from what was sent after it came at the latest", () => {
  const late = (text: string, from: number): LineChecker => {
    const checked = checker(EXPECTED, true);
    checked.mustHaveFrom(from);
    return feed(checked, text, [1, 2, 5]);
  };
  expect(late("5|F|1|2\n6|B\n", 4).isComplete).toBe(true);
  expect(late("3|P|1|☃\n5|F|1|2\n6|B\n", 4).isComplete).toBe(true);
  expect(late("6|B\n", 4).fault).toBe('got "6|B" first and not "5|F|1|2"');
  expect(late("4|B\n5|F|1|2\n6|B\n", 4).fault).toBe('got "4|B", which it was not to be told');
  expect(late("5|F|1|2\n", 4).isComplete).toBe(false);
  expect(late("", 6).isComplete).toBe(true);
  expect(late("", 5).isComplete).toBe(false);
});
