import { expect, test } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import { compareCodePoints, utf8Length } from "../../../src/core/text.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

/** Members as the server pages them. */
function serve(members: readonly string[], pageRows = 2) {
  const cursors: string[] = [];
  const runtime = new FakeRuntime();
  const fetchPage = (input: unknown): Promise<Response> => {
    const query = new URL(String(input)).searchParams;
    const after = query.get("cursor") ?? "";
    cursors.push(after);
    const rest = members.filter((member) => compareCodePoints(member, after) > 0).toSorted(compareCodePoints);
    const elements = rest.slice(0, Math.min(pageRows, Number(query.get("limit"))));
    const cursor = elements.length < rest.length ? (elements.at(-1) ?? null) : null;
    return Promise.resolve(Response.json({ offset: "e:1", size: 0, digest: "0".repeat(16), elements, cursor }));
  };
  const client = new WeirClient({ url: "http://weir.test", runtime, fetch: fetchPage, token: "a.b.c" });
  return { set: client.set("s"), cursors, runtime };
}

const neighbours = [
  "-",
  "-\u{10ffff}",
  `-${"\u{10ffff}".repeat(255)}\uffff`,
  ".-",
  `.-${"\u{10ffff}".repeat(255)}\u07ff`,
  "./",
  "/",
];

test.each([".", ".."])("%j, which no path can name, is found all the same", async (element) => {
  const { set, cursors } = serve([...neighbours, element]);
  expect(await set.has(element)).toBe(true);
  expect(utf8Length(cursors[0]!)).toBe(limits.elementBytesMax);
  expect(await serve(neighbours).set.has(element)).toBe(false);
  expect(await serve([".", "..", ...neighbours].filter((member) => member !== element)).set.has(element)).toBe(false);
});

test("[S22] members come from all pages, each once", async () => {
  const members = ["a", "b", "c", "d", "e"];
  const { set } = serve(members);
  const found: string[] = [];
  for await (const member of set.members()) found.push(member);
  expect(found).toEqual(members);
});

test("the live address names the offset, and the token travels as a subprotocol", () => {
  const { set, runtime } = serve([]);
  set.live({ since: "e:4", onFrame: () => {} }).connect();
  expect(runtime.socket.url.href).toBe("ws://weir.test/sets/s/live?since=e%3A4");
  expect(runtime.socket.protocols).toEqual(["weir", "bearer.a.b.c"]);
});
