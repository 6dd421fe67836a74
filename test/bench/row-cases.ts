/** What `row-cost.ts` sends: batches of each feature, new entries and known ones. */
import { randomUUID } from "node:crypto";
import { post, some } from "./bench-request.ts";
import type { BenchRequest } from "./bench-request.ts";

export interface RowCase {
  /** What there is a million of. */
  readonly what: string;
  readonly batch: number;
  /** How many are sent; the rows of a million are reckoned from it. */
  readonly entries: number;
  readonly before?: () => readonly BenchRequest[];
  /** The request for `count` entries after the first `sent`. */
  readonly send: (sent: number, count: number) => BenchRequest;
}

const USERS = 100_000;
const BATCH_MAX = 10_000;
/** A slice of the hour before last: no event of it is late, and none is in the future. */
const SLICE_MS = Date.now() - 7_200_000;

export const rowCases: readonly RowCase[] = [
  ...[1, 100, BATCH_MAX].flatMap(itemCases),
  ...[100, BATCH_MAX].flatMap(analyticsCases),
  ...[100, BATCH_MAX].flatMap(setCases),
  ...[100, BATCH_MAX].map(streamCase),
];

function itemCases(batch: number): readonly RowCase[] {
  const entries = batch === 1 ? 10_000 : 100_000;
  const ids = Array.from({ length: entries }, () => randomUUID());
  const send = (sent: number, count: number) =>
    post(
      "/items",
      some(count, (index) => ({ id: ids[sent + index], tenant: `rows-${batch}` })),
    );
  return [
    { what: "items, new", batch, entries, send },
    { what: "items, duplicates", batch, entries, send },
  ];
}

/** As it is in an hour of a busy site: a tenth of the events are of users who had none before. */
function analyticsCases(batch: number): readonly RowCase[] {
  const entries = 1_000_000;
  const send = (site: string, withIds: boolean) => (sent: number, count: number) =>
    post(
      "/analytics/events",
      some(count, (index) => ({
        timestamp: SLICE_MS,
        user: `user-${Math.floor(Math.random() * USERS)}`,
        event: (sent + index) % 10 === 0 ? "click" : "impression",
        site,
        ...(withIds && { id: String(sent + index) }),
      })),
    );
  return [
    { what: "analytics events", batch, entries, send: send(`plain-${batch}`, false) },
    { what: "analytics events with ids", batch, entries, send: send(`ids-${batch}`, true) },
  ];
}

function setCases(batch: number): readonly RowCase[] {
  const entries = 100_000;
  const send = (from: number) => (sent: number, count: number) =>
    post(`/sets/rows-${batch}/ops`, {
      ops: some(count, (index) => ({ op: "add", element: `element-${sent + index}`, timestamp: from + sent + index })),
    });
  return [
    { what: "set operations, new elements", batch, entries, send: send(1) },
    { what: "set operations, known elements", batch, entries, send: send(entries + 1) },
  ];
}

/** Of each kind a fifth, but for broadcasts, of which there is one in a thousand; in order. */
function streamCase(batch: number): RowCase {
  const line = (sequence: number) => {
    const [from, to] = [sequence % USERS, (sequence * 7_919) % USERS];
    if (sequence % 1_000 === 0) return `${sequence}|B`;
    const [kind = "S"] = ["F", "S", "P", "U", "S"].slice(sequence % 5);
    return kind === "S" ? `${sequence}|S|${from}` : `${sequence}|${kind}|${from}|${to}`;
  };
  const send = (sent: number, count: number) => {
    const lines = some(count, (index) => line(sent + index + 1));
    return post(`/streams/rows-${batch}/events`, lines.join("\n"));
  };
  return { what: "stream events", batch, entries: 1_000_000, send };
}
