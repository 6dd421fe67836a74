import { expect, test } from "vitest";
import { AckedLedger } from "../../../src/cli/monkey/acked-ledger.ts";
import type { Entry } from "../../../src/client/index.ts";

const entry = (op: "add" | "remove", timestamp: number): Entry => ({ element: "a", op, timestamp });
const server = (...entries: readonly Entry[]) => new Map(entries.map((one) => [one.element, one]));

test("[S1] [S2] nothing is missing while the server has something as great, by the set's order", () => {
  const ledger = new AckedLedger("add");
  ledger.record([entry("remove", 5), entry("add", 3)], ["applied", "superseded"]);
  expect(ledger.missing(server(entry("remove", 5)))).toEqual([]);
  expect(ledger.missing(server(entry("add", 5)))).toEqual([]);
  expect(ledger.missing(server(entry("remove", 6)))).toEqual([]);
  expect(ledger.missing(server(entry("add", 4)))).toEqual([entry("remove", 5)]);
  expect(ledger.missing(server())).toEqual([entry("remove", 5)]);
});

test("what was superseded is owed too: something as great was there", () => {
  const ledger = new AckedLedger("add");
  ledger.record([entry("add", 4)], ["superseded"]);
  expect(ledger.missing(server(entry("add", 3)))).toEqual([entry("add", 4)]);
});

test("what was not accepted is not owed", () => {
  const ledger = new AckedLedger("remove");
  ledger.record([entry("add", 9), entry("add", 8), entry("add", 7)], ["future", "expired", "applied"]);
  expect(ledger.missing(server(entry("remove", 7)))).toEqual([]);
  expect(ledger.missing(server(entry("add", 6)))).toEqual([entry("add", 7)]);
});
