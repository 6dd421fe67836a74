import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQueryString } from "../../src/worker/query-string.ts";

function parsed(search: string): Record<string, unknown> {
  const result = parseQueryString(search);
  if (!result.ok) throw new Error(result.problem.detail);
  return { ...result.value };
}

/** The platform's own parser, which lets everything pass. */
function reference(search: string): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  const params = new URLSearchParams(search);
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    Object.defineProperty(query, name, { value: values.length === 1 ? values[0] : values, enumerable: true });
  }
  return query;
}

describe("query strings", () => {
  test.each([
    ["", {}],
    ["?", {}],
    ["?a", { a: "" }],
    ["?a=", { a: "" }],
    ["?=b", { "": "b" }],
    ["?a=b=c", { a: "b=c" }],
    ["?a=1&&b=2&", { a: "1", b: "2" }],
    ["?a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["?a=x+y%2Bz", { a: "x y+z" }],
    ["?%61=%C3%A9%F0%9F%8D%8F", { a: "é🍏" }],
    ["?a=100%&b=%zz%4", { a: "100%", b: "%zz%4" }],
    ["?a=%00", { a: "\0" }],
  ])("%s", (search, query) => {
    expect(parsed(search)).toEqual(query);
  });

  test.each([
    ["?a=%ff", "a"],
    ["?a=1&b=%C3", "b"],
    ["?a=%ED%A0%80", "a"],
    ["?%ff=1", "query"],
  ])("%s is refused, naming the key", (search, path) => {
    expect(parseQueryString(search)).toMatchObject({ ok: false, problem: { errors: [{ path }] } });
  });

  test("keys that objects have are keys like any other", () => {
    const { value } = parseQueryString("?__proto__=1&constructor=2&toString=3") as { readonly value: object };
    expect(Object.entries(value)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["toString", "3"],
    ]);
  });

  test("are read as the platform reads them, where it loses nothing", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 4 }).filter((part) => part.isWellFormed());
    const pair = fc.tuple(fc.constantFrom("a", "b", "c d", "é"), text);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 5 }), (pairs) => {
        const search = `?${new URLSearchParams(pairs).toString()}`;
        expect(parsed(search)).toEqual(reference(search));
      }),
    );
  });
});
