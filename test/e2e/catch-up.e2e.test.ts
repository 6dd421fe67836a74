/** Catching up costs what differs, not what happened: the log of a set compacts itself. */
import { expect, test } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import type { OpInput } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

const ELEMENTS = 1_000;
const UPDATES = 100;
const BATCH = 10_000;
/** Of the bytes that the operations themselves took. */
const BYTES_SHARE_MAX = 1 / 50;

test("1,000 elements, updated 100 times each, are caught up with by at most 1,000 changes", async () => {
  const { url } = await startServer();
  const set = new WeirClient({ url }).set("busy");
  const log: OpInput[] = Array.from({ length: ELEMENTS * UPDATES }, (_, index) => ({
    op: index % 3 === 0 ? "remove" : "add",
    element: `element-${index % ELEMENTS}`,
    timestamp: 1_700_000_000_000 + index,
  }));
  const before = await set.changes();
  for (let from = 0; from < log.length; from += BATCH) await set.apply(log.slice(from, from + BATCH));

  let since = before.offset;
  let changes = 0;
  let bytes = 0;
  for (let more = true; more;) {
    const page = await set.changes({ since });
    ({ offset: since, more } = page);
    changes += page.changes.length;
    bytes += JSON.stringify(page).length;
  }
  expect(changes).toBe(ELEMENTS);
  expect(bytes / JSON.stringify(log).length).toBeLessThan(BYTES_SHARE_MAX);
});
