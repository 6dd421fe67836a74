/**
 * Hostile requests to every endpoint of the table. Whatever comes, the answer is no fault of the server's, comes in time, and
 * if it is a refusal then nothing is other than before, row by row in every object that was reached.
 */
import * as fc from "fast-check";
import { createExecutionContext } from "cloudflare:test";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import { handle } from "../../../src/worker/serve.ts";
import { expectFairRefusal } from "./fair-answer.ts";
import { explore, FUZZ_TIMEOUT_MS, fuzzSeed, isSoak } from "./fuzz-budget.ts";
import { requestsTo } from "./fuzzed-requests.ts";
import type { FuzzedRequest } from "./fuzzed-requests.ts";
import { NAMES } from "./schema-values.ts";
import { fuzzedEnv, WatchedState } from "./watched-state.ts";

const RUNS = 25;
const STORY_RUNS = 12;
const ANSWER_MS_MAX = 15_000;

const state = new WatchedState();
const faults = vi.spyOn(console, "error").mockImplementation(() => {});
const statuses = new Map<number, number>();

afterAll(() => {
  const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const table = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  // oxlint-disable-next-line no-console -- what a soak is for
  if (isSoak) console.info(`${total} requests from seed ${fuzzSeed()}; ${table.join(", ")}`);
});

async function answer({ method, path, headers, body }: FuzzedRequest): Promise<Response> {
  const request = new Request(`http://weir${path}`, { method, headers, ...(body !== undefined && { body }) });
  return inTime(handle(request, fuzzedEnv, createExecutionContext()), "no answer");
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`${what} within ${ANSWER_MS_MAX} ms`));
    timer = setTimeout(fail, ANSWER_MS_MAX);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The whole text, but of an event stream, which has no end. */
async function readAnswer(response: Response): Promise<string> {
  if (response.webSocket !== null) {
    response.webSocket.accept();
    response.webSocket.close(1000);
    return "";
  }
  if (response.headers.get("Content-Type") === "text/event-stream") {
    await response.body?.cancel();
    return "";
  }
  return inTime(response.text(), "no end of the answer");
}

async function tryRequest(fuzzed: FuzzedRequest): Promise<void> {
  await state.remember();
  const response = await answer(fuzzed);
  const text = await readAnswer(response);
  const { status } = response;
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  if (status >= 400) {
    expectFairRefusal(response, text, fuzzed.path.startsWith("/api/"), fuzzed.method !== "HEAD");
    if (status < 500) expect(await state.changed()).toEqual([]);
    else state.wrote();
  } else state.wrote();
  expect(faults.mock.calls.flat()).toEqual([]);
}

async function tryStory(story: readonly FuzzedRequest[]): Promise<void> {
  faults.mockClear();
  for (const request of story) await tryRequest(request);
}

async function eraseAll(): Promise<void> {
  await state.remember();
  for (const name of NAMES.map(encodeURIComponent)) {
    for (const path of [`/sets/${name}`, `/items/${name}`, `/streams/${name}`, `/analytics?site=${name}`]) {
      const { status } = await answer({ method: "DELETE", path, headers: {}, body: undefined });
      expect([path, status]).toEqual([path, 204]);
    }
  }
  state.wrote();
}

const table = Object.entries<Endpoint>(endpoints);
const stories = Object.groupBy(table, ([, { path }]) => path.split("/")[1]?.replace("api", "sets") ?? "");

describe.each(table)("[R7] %s", (_, endpoint) => {
  const share = 0.5 / table.length;
  it("survives any request", { timeout: FUZZ_TIMEOUT_MS }, async () => {
    await explore(
      fc.asyncProperty(requestsTo(endpoint), (request) => tryStory([request])),
      RUNS,
      share,
    );
  });
});

describe.each(Object.entries(stories))("[R7] /%s", (_, group = []) => {
  const share = 0.5 / Object.keys(stories).length;
  it("survives any requests one after the other", { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const requests = fc.oneof(...group.map(([, endpoint]) => requestsTo(endpoint)));
    const story = fc.array(requests, { minLength: 3, maxLength: 12 });
    const property = fc.asyncProperty(story, tryStory).beforeEach(eraseAll);
    await explore(property, STORY_RUNS, share);
  });
});

it("[R7] met whatever an answer can be", () => {
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([101, 200, 204, 400, 404, 405, 409, 415]));
});
