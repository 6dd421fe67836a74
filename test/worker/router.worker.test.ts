import { describe, expect, it } from "vitest";
import { match } from "../../src/worker/router.ts";

/** A request made in a test has its URL in order already. From the network a path comes as it was sent. */
const found = (path: string) => match(`http://example.com${path}`);

describe("paths as they are sent", () => {
  it.each([
    "/sets/a/elements/..",
    "/sets/a/elements/%2e%2e",
    "/sets/a/elements/.%2E",
    "/sets/a/elements/..?timestamp=5",
    "/sets/a/elements/x/../..",
    "/sets/a/elements/.",
    "/sets/a/elements/%2e",
    "/sets/a\\",
    "/sets/a/\t",
    "/sets/a/#",
    "/items/t/items/..",
    "/streams/s/users/..",
  ])("finds neither the thing nor a part of it at %j", async (path) => {
    expect(await found(path)).toBeUndefined();
  });

  it.each([
    ["/sets/a/elements/...", { set: "a", element: "..." }],
    ["/sets/a/elements/.x", { set: "a", element: ".x" }],
    ["/sets/a/elements/x%2F..", { set: "a", element: "x%2F.." }],
    ["/sets/..a", { set: "..a" }],
    ["//evil/sets/a", undefined],
  ])("finds what is meant at %s", async (path, params) => {
    expect((await found(path))?.params).toEqual(params);
  });
});
