import { parseArgs } from "citty";
import { expect, test } from "vitest";
import { itemLoadArguments, parseItemLoadOptions } from "../../../src/cli/load/item-options.ts";

function parse(...words: readonly string[]) {
  return parseItemLoadOptions(parseArgs([...words], itemLoadArguments));
}

test("has defaults, and a seed of its own each time", () => {
  const { url, seed, ...options } = parse();
  expect(url.href).toBe("http://127.0.0.1:8787/");
  expect(seed).toBeGreaterThanOrEqual(0);
  expect(options).toEqual({ tenants: 50, items: 100_000, repeat: 3, cut: 0, batch: 1_000, senders: 8, json: false });
});

test("takes what it is told", () => {
  const words = ["--tenants", "2", "--items=10", "--repeat", "1", "--cut", "0.3", "--batch", "5", "--senders", "1"];
  expect(parse(...words, "--seed", "7", "--json")).toMatchObject({
    tenants: 2,
    items: 10,
    repeat: 1,
    cut: 0.3,
    batch: 5,
    senders: 1,
    seed: 7,
    json: true,
  });
});

test.each([
  [["--tenants", "0"], "--tenants"],
  [["--items", "1e3"], "--items"],
  [["--items", "100000000"], "--items must be a whole number from 1 to 33333333, "],
  [["--repeat", "1.5"], "--repeat"],
  [["--cut", "1"], "--cut"],
  [["--batch", "10001"], "--batch"],
  [["--senders", "-1"], "--senders"],
  [["--seed", "x"], "--seed"],
  [["--url", "ftp://x"], "--url"],
  [["--tenant", "1"], "--tenant"],
  [["more"], "more"],
])("refuses %j, naming it", (words, named) => {
  expect(() => parse(...words)).toThrow(named);
});
