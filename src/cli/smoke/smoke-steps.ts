/**
 * What a smoke test does: each feature once, on names of its own, and then away with them. A step leaves nothing behind when
 * it succeeds; what it could not erase because it failed half-way is erased afterwards.
 */
import { must } from "./smoke-server.ts";
import type { SmokeServer } from "./smoke-server.ts";

export interface SmokeStep {
  readonly name: string;
  /** Of the server's own description, without which there is nothing to try. */
  readonly path: string;
  readonly run: (server: SmokeServer) => Promise<void>;
  /** Where what the step wrote can be erased, and is gone afterwards. */
  readonly erase?: (server: SmokeServer) => string;
}

const FORBIDDEN = 403;
const TIMESTAMP = 1_700_000_000_000;

function setPath(server: SmokeServer): string {
  return `/sets/${server.name("set")}`;
}

function tenantPath(server: SmokeServer): string {
  return `/items/${server.name("tenant")}`;
}

function sitePath(server: SmokeServer): string {
  return `/analytics?site=${server.name("site")}`;
}

function streamPath(server: SmokeServer): string {
  return `/streams/${server.name("stream")}`;
}

async function trySet(server: SmokeServer): Promise<void> {
  const path = setPath(server);
  const ops = JSON.stringify({ ops: [{ op: "add", element: "a", timestamp: TIMESTAMP }] });
  const write = () => server.json({ method: "POST", path: `${path}/ops`, body: ops });
  await server.frame(`${path}/live`, write, ({ type, size }) => type === "changes" && size === 1);
  const again = await write();
  must(String(again["verdicts"]) === "superseded", "A repeated operation is superseded", again);
  const read = await server.json({ method: "GET", path });
  must(String(read["elements"]) === "a" && read["digest"] === again["digest"], "The set holds what was added", read);
  await server.text({ method: "DELETE", path }, 204);
  const erased = await server.json({ method: "GET", path });
  must(erased["size"] === 0, "An erased set is empty", erased);
}

async function tryItems(server: SmokeServer): Promise<void> {
  const path = tenantPath(server);
  const body = JSON.stringify([{ id: "1", tenant: server.name("tenant") }]);
  const report = () => server.json({ method: "POST", path: "/items", body });
  await server.frame(`${path}/live`, report, ({ type, count }) => type === "count" && count === 1);
  const again = await report();
  must(again["new"] === 0 && again["duplicates"] === 1, "An item that comes again is a duplicate", again);
  await server.text({ method: "DELETE", path }, 204);
  const count = await server.json({ method: "GET", path: `${path}/count` });
  must(count["count"] === 0, "An erased tenant has no items", count);
}

async function tryAnalytics(server: SmokeServer): Promise<void> {
  const site = server.name("site");
  const event = { timestamp: TIMESTAMP, user: "smoke", event: "click", site, id: "1" };
  const body = JSON.stringify([event, event]);
  const recorded = await server.json({ method: "POST", path: "/analytics/events", body }, 202);
  must(recorded["accepted"] === 1 && recorded["duplicates"] === 1, "An event with an id counts once", recorded);
  const path = `/analytics?timestamp=${TIMESTAMP}&site=${site}`;
  const headers = { "Cache-Control": "no-cache" };
  const text = await server.text({ method: "GET", path, headers });
  must(text === "unique_users,1\nclicks,1\nimpressions,0\n", "The slice counts the event", text);
}

async function tryStream(server: SmokeServer): Promise<void> {
  const path = streamPath(server);
  const send = () => server.json({ method: "POST", path: `${path}/events`, body: "2|P|8|9\n1|B\n" });
  await server.frame(`${path}/users/9/live`, send, ({ events }) => String(events).includes("2|P|8|9"));
  const again = await send();
  must(again["cursor"] === 2 && again["duplicates"] === 2, "Events that come again are dropped", again);
  await server.text({ method: "DELETE", path }, 204);
}

async function tryPage(server: SmokeServer): Promise<void> {
  const page = await server.text({ method: "GET", path: "/" });
  must(page.includes("app.js"), "The page names its script", page.slice(0, 200));
  await server.text({ method: "GET", path: "/viewer/app.js" });
}

async function tryMetrics(server: SmokeServer): Promise<void> {
  // They are for who has the scope `admin`, which is more than a smoke test needs.
  if ((await server.status({ method: "GET", path: "/metrics" })) === FORBIDDEN) return;
  const text = await server.text({ method: "GET", path: "/metrics" });
  must(text.includes("weir_requests_total{"), "Requests are counted", text.slice(0, 200));
}

export const smokeSteps: readonly SmokeStep[] = [
  { name: "page", path: "/", run: tryPage },
  { name: "sets", path: "/sets/{set}", run: trySet, erase: setPath },
  { name: "items", path: "/items", run: tryItems, erase: tenantPath },
  { name: "analytics", path: "/analytics", run: tryAnalytics, erase: sitePath },
  { name: "streams", path: "/streams/{stream}", run: tryStream, erase: streamPath },
  { name: "metrics", path: "/metrics", run: tryMetrics },
];
