/** What `growth.ts` fills and asks: one thing of each feature. */
import { randomUUID } from "node:crypto";
import { get, post, some } from "./bench-request.ts";
import type { BenchRequest } from "./bench-request.ts";

export interface GrowthCase {
  readonly thing: string;
  /** Makes one called `name` with `count` entries. */
  readonly fill: (name: string, count: number) => Iterable<BenchRequest>;
  readonly asks: readonly GrowthAsk[];
}

export interface GrowthAsk {
  readonly what: string;
  /** By how many entries one request makes the thing grow. */
  readonly adds: number;
  /** @param size how many entries it was filled with */
  readonly ask: (name: string, size: number) => BenchRequest;
}

const BATCH_MAX = 10_000;
/** In the hour before last. */
const SLICE_MS = Date.now() - 7_200_000;

let sequence = Date.now();

/** Greater each time. */
function next(): number {
  sequence += 1;
  return sequence;
}

function* inBatches(count: number, send: (from: number, size: number) => BenchRequest): Iterable<BenchRequest> {
  for (let from = 0; from < count; from += BATCH_MAX) yield send(from, Math.min(BATCH_MAX, count - from));
}

function oneOf(size: number): number {
  return Math.floor(Math.random() * size);
}

/** How many entries of a thing came lately in batches of a hundred, so that it is as busy things are. */
const LATE_MAX = 150_000;
const LATE_BATCH = 100;

/** Ids as senders make them: random ones, or such that grow with time, as order numbers do. */
const orders = { random: () => randomUUID(), ordered: () => `order-${next()}` } as const;

export const growthCases: readonly GrowthCase[] = [
  setCase(),
  sliceCase(),
  tenantCase("random"),
  tenantCase("ordered"),
  streamCase(),
];

function setCase(): GrowthCase {
  const ops = (name: string, elements: readonly string[]) =>
    post(`/sets/${name}/ops`, { ops: elements.map((element) => ({ op: "add", element, timestamp: next() })) });
  return {
    thing: "set",
    fill: (name, count) =>
      inBatches(count, (from, size) =>
        ops(
          name,
          some(size, (index) => `e${from + index}`),
        ),
      ),
    asks: [
      ...[1, 100].map((batch) => ({
        what: `POST ${batch} known`,
        adds: 0,
        ask: (name: string, size: number) =>
          ops(
            name,
            some(batch, () => `e${oneOf(size)}`),
          ),
      })),
      ...[1, 100].map((batch) => ({
        what: `POST ${batch} new`,
        adds: batch,
        ask: (name: string) =>
          ops(
            name,
            some(batch, () => randomUUID()),
          ),
      })),
      { what: "GET one element", adds: 0, ask: (name, size) => get(`/sets/${name}/elements/e${oneOf(size)}`) },
    ],
  };
}

function sliceCase(): GrowthCase {
  const events = (site: string, users: readonly string[]) =>
    post(
      "/analytics/events",
      users.map((user) => ({ timestamp: SLICE_MS, user, event: "click", site })),
    );
  return {
    thing: "slice",
    fill: (name, count) =>
      inBatches(count, (from, size) =>
        events(
          name,
          some(size, (index) => `u${from + index}`),
        ),
      ),
    asks: [
      ...[1, 100, 1_000].map((batch) => ({
        what: `POST ${batch} of known users`,
        adds: 0,
        ask: (name: string, size: number) =>
          events(
            name,
            some(batch, () => `u${oneOf(size)}`),
          ),
      })),
      ...[1, 100].map((batch) => ({
        what: `POST ${batch} of new users`,
        adds: batch,
        ask: (name: string) =>
          events(
            name,
            some(batch, () => randomUUID()),
          ),
      })),
      { what: "GET", adds: 0, ask: (name) => get(`/analytics?timestamp=${SLICE_MS}&site=${name}`) },
    ],
  };
}

function tenantCase(order: keyof typeof orders): GrowthCase {
  const items = (tenant: string, count: number) =>
    post(
      "/items",
      some(count, () => ({ id: orders[order](), tenant })),
    );
  const named = (name: string) => `${order}-${name}`;
  return {
    thing: `tenant, ids ${order}`,
    fill: function* (name, count) {
      const late = Math.min(LATE_MAX, count / 2);
      yield* inBatches(count - late, (_, size) => items(named(name), size));
      for (let sent = 0; sent < late; sent += LATE_BATCH) yield items(named(name), LATE_BATCH);
    },
    asks: [
      ...[1, 10, 100].map((batch) => ({
        what: `POST ${batch} new`,
        adds: batch,
        ask: (name: string) => items(named(name), batch),
      })),
      { what: "GET count", adds: 0, ask: (name) => get(`/items/${named(name)}/count`) },
    ],
  };
}

/** A stream of follows: everyone follows the same ten users, who then have something to say. */
function streamCase(): GrowthCase {
  const followees = 10;
  const sequences = new Map<string, number>();
  const send = (stream: string, count: number, rest: (index: number) => string): BenchRequest => {
    const first = (sequences.get(stream) ?? 0) + 1;
    sequences.set(stream, first + count - 1);
    const lines = some(count, (index) => `${first + index}|${rest(index)}`);
    return post(`/streams/${stream}/events`, lines.join("\n"));
  };
  return {
    thing: "follow graph of a stream",
    fill: (name, count) =>
      inBatches(count, (from, size) =>
        send(name, size, (index) => `F|u${Math.floor((from + index) / followees)}|s${(from + index) % followees}`),
      ),
    asks: [1, 100].map((batch) => ({
      what: `POST ${batch} status updates`,
      adds: 0,
      ask: (name: string) => send(name, batch, (index) => `S|s${index % followees}`),
    })),
  };
}
