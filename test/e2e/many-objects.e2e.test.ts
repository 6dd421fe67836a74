/** One request to very many objects, on a server whose objects all run in the one process that takes requests. */
import { expect, test } from "vitest";
import { startServer } from "../support/server.ts";

const OBJECTS = 250;
/** Whoever waits for the end of the other request gets one answer meanwhile, and perhaps one before that begins. */
const KEPT_WAITING = 2;
const HOUR_MS = 3_600_000;
const LINES = "application/x-ndjson";

const indexes = Array.from({ length: OBJECTS }, (_, index) => index);
const items = indexes.map((index) => ({ id: "a", tenant: `t${index}` }));
const events = indexes.map((index) => ({ timestamp: index * HOUR_MS, user: "a", event: "click" }));

/** Each but the first two needs what came before; what is exported is what is imported. */
const requests: readonly (readonly [path: string, init: RequestInit])[] = [
  ["/items", { method: "POST", body: JSON.stringify(items) }],
  ["/analytics/events", { method: "POST", body: JSON.stringify(events) }],
  [`/analytics/range?from=0&to=${OBJECTS * HOUR_MS}`, { headers: { "Cache-Control": "no-cache" } }],
  ["/analytics/allslices", { headers: { "Cache-Control": "no-cache" } }],
  ["/analytics/export?site=default", { headers: { Accept: LINES } }],
  ["/analytics/import?site=copy", { method: "POST", headers: { "Content-Type": LINES } }],
  ["/analytics?site=default", { method: "DELETE" }],
];

test("[R8] keeps no other request waiting until its end", { timeout: 180_000 }, async () => {
  const server = await startServer();
  const answers: (readonly [path: string, ok: boolean, answersMeanwhile: number])[] = [];
  let exported = "";
  for (const [path, init] of requests) {
    // It finds its objects asleep.
    await server.kill("SIGKILL");
    await server.restart();
    const body = path.startsWith("/analytics/import") ? { body: exported } : {};
    const long = { isOver: false };
    const read = async (): Promise<Response> => {
      const response = await fetch(`${server.url}${path}`, { ...init, ...body });
      const text = await response.text();
      if (path.startsWith("/analytics/export")) exported = text;
      long.isOver = true;
      return response;
    };
    const answer = read();
    let count = 0;
    for (; !long.isOver; count++) await (await fetch(`${server.url}/healthz`)).text();
    answers.push([path, (await answer).ok, count]);
  }
  console.log(answers.map(([path, , count]) => `${path} ${count}`).join(", "));
  expect(answers.filter(([, ok, count]) => !ok || count <= KEPT_WAITING)).toEqual([]);
});
