import { expect, test } from "vitest";
import { refuseLine } from "../../../src/viewer/streams/line-form.ts";

test("a line that would be a dead letter is refused where it is written", () => {
  for (const line of ["1|B", "2|S|é", "3|F|a|b", "007|U|a|b", "9|P|a|b"]) expect(refuseLine(line)).toBeUndefined();
  expect(refuseLine("1|X|a|b")).toBe("The type must be one of F, U, B, P and S.");
  for (const line of ["", "B", "1|B|a", "0|B", "1|F|a", "1|S|\t"]) expect(refuseLine(line)).toMatch(/^A line is /);
});
