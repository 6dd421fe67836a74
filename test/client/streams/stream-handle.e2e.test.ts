/** A stream through the SDK, against the real server, which is killed meanwhile. */
import { expect, test } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { StreamHandle, StreamNotification } from "../../../src/client/index.ts";
import { startServer } from "../../support/server.ts";

const EVENTS = 3_000;

async function take(stream: StreamHandle, user: string, since: number, until: number) {
  const taken: StreamNotification[] = [];
  for await (const notification of stream.user(user, { since })) {
    taken.push(notification);
    if (notification.kind === "event" && notification.sequence >= until) return taken;
  }
  return taken;
}

test("a source and a user lose and repeat nothing through kills of the server", { timeout: 120_000 }, async () => {
  const server = await startServer();
  const stream = new WeirClient({ url: server.url }).stream("feed ☃");
  await stream.configure({ event_timeout_ms: -1, max_users: 5 });
  const following = take(stream, "60", 0, EVENTS);
  const source = stream.source();
  let kills = 0;
  for (let first = 1; first <= EVENTS; first += 10) {
    // Pairs of neighbours are swapped, so that there is always a hole.
    const numbers = Array.from({ length: 10 }, (_, index) => first + (index ^ 1));
    await source.ready();
    const sent = source.send(numbers.map((number) => (number % 3 === 0 ? `${number}|P|1|60` : `${number}|S|2`)));
    if (first % 1_000 !== 501) continue;
    kills += 1;
    await server.kill("SIGKILL");
    await server.restart();
    await sent;
  }
  const standing = await source.flush();
  expect(standing).toMatchObject({ cursor: EVENTS, buffered: 0, deadLetters: 0 });
  source.close();
  const expected = Array.from({ length: EVENTS / 3 }, (_, index) => 3 * (index + 1));
  expect(kills).toBe(3);
  expect((await following).map((each) => (each.kind === "event" ? each.sequence : each))).toEqual(expected);
  // What a connected user saw is what replay tells.
  expect(await take(stream, "60", 0, EVENTS)).toEqual(await following);
});

test("status, options, dead letters and erasure", async () => {
  const { url } = await startServer();
  const stream = new WeirClient({ url }).stream("s");
  expect(await stream.status()).toMatchObject({ cursor: 0, users: 0, options: { max_sources: 1 } });
  expect(await stream.configure({ event_timeout_ms: 0 })).toMatchObject({ event_timeout_ms: 0, max_users: 1000 });
  expect(await stream.ingest(["1|B", "nonsense", "1|B"])).toEqual({
    cursor: 1,
    buffered: 0,
    duplicates: 1,
    dead_letters: 1,
  });
  const { dead_letters: dead } = await stream.deadLetters();
  expect(dead).toMatchObject([{ reason: "malformed", line: "nonsense" }]);
  await expect(take(stream, "60", 99, 100)).rejects.toMatchObject({ code: "invalid_request" });
  const told = stream.user("60", { since: 0 })[Symbol.asyncIterator]();
  expect((await told.next()).value).toMatchObject({ line: "1|B" });
  await stream.erase();
  expect((await told.next()).value).toEqual({ kind: "reset" });
  await stream.ingest(["1|P|9|60"]);
  expect((await told.next()).value).toMatchObject({ line: "1|P|9|60" });
  await told.return?.();
  expect(await stream.deadLetters()).toMatchObject({ dead_letters: [] });
});
