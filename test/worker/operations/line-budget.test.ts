import { expect, test } from "vitest";
import { LineBudget } from "../../../src/worker/operations/line-budget.ts";

test("lets 100 lines through in a second, leaves the next out, and says so in the first of another second", () => {
  const budget = new LineBudget();
  const lines = Array.from({ length: 100 }, () => budget.take(5_000));
  expect(lines).toEqual(Array.from({ length: 100 }, () => 0));
  expect([budget.take(5_999), budget.take(5_999)]).toEqual([undefined, undefined]);
  expect([budget.take(6_000), budget.take(6_000)]).toEqual([2, 0]);
});

test("goes on when the clock steps back", () => {
  const budget = new LineBudget(1);
  expect([budget.take(9_000), budget.take(9_000), budget.take(2_000)]).toEqual([0, undefined, 1]);
});
