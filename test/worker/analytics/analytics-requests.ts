/** How the tests of analytics speak with the Worker. */
import { exports } from "cloudflare:workers";
import { expect } from "vitest";

/** An hour that no test's clock is near. */
export const HOUR = Date.UTC(2024, 0, 2, 3);
export const HOUR_MS = 3_600_000;

let sites = 0;

/** A site that nobody has used. */
export function newSite(): string {
  return `site-${++sites}`;
}

export function call(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(`http://weir.test${path}`, init));
}

export async function post(query: string): Promise<void> {
  const response = await call(`/analytics?${query}`, { method: "POST" });
  expect(response.status, await response.clone().text()).toBe(202);
  expect(await response.text()).toBe("");
}

export interface TestEvent {
  readonly timestamp: number;
  readonly user: string;
  readonly event: "click" | "impression";
  readonly site?: string;
  readonly id?: string;
}

export async function postEvents(events: readonly TestEvent[]): Promise<unknown> {
  const response = await call("/analytics/events", { method: "POST", body: JSON.stringify(events) });
  expect(response.status, await response.clone().text()).toBe(202);
  return response.json();
}

/** The text forms; never from this isolate's memory. */
export async function text(path: string): Promise<string> {
  const response = await call(path, { headers: { "Cache-Control": "no-cache" } });
  expect(response.status).toBe(200);
  return response.text();
}

export async function json<T = Record<string, unknown>>(
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await call(path, { headers: { Accept: "application/json", ...headers } });
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json();
}
