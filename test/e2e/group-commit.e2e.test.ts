/**
 * Many clients that write single entries at the same time, on the real runtime, which alone knows which request a promise,
 * a stream or a timer belongs to.
 */
import { expect, test } from "vitest";
import { startServer } from "../support/server.ts";

const CLIENTS = 64;
/** Of each client. What is freed in the wrong request's context shows only when enough has been freed. */
const ITEMS = 600;
/** Of each client, where every other goes away. */
const ITEMS_LEFT = 100;

/** Posts one item and gives its verdict. */
async function report(url: string, id: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/items?verdicts=true`, {
    method: "POST",
    body: JSON.stringify({ id, tenant: "shared" }),
    ...(signal !== undefined && { signal }),
  });
  expect(response.status).toBe(200);
  const { verdicts } = (await response.json()) as { readonly verdicts: readonly string[] };
  return verdicts.join();
}

async function countOf(url: string): Promise<number> {
  const response = await fetch(`${url}/items/shared/count`);
  return ((await response.json()) as { readonly count: number }).count;
}

test("each writer gets the answer to its own entry", async () => {
  const { url } = await startServer();
  const client = async (_: unknown, index: number) => {
    for (let item = 0; item < ITEMS; item++) {
      const id = `${index}-${item}`;
      expect(await report(url, id)).toBe("new");
      if (item % 3 === 0) expect(await report(url, id)).toBe("duplicate");
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(await countOf(url)).toBe(CLIENTS * ITEMS);
});

test("writers whose clients go away take nobody's answer with them", async () => {
  const { url } = await startServer();
  let answered = 0;
  const leaver = async (_: unknown, index: number) => {
    for (let item = 0; item < ITEMS_LEFT; item++) {
      const soon = AbortSignal.timeout(1 + (item % 3));
      await report(url, `left-${index}-${item}`, soon).catch((error: unknown) => {
        if (!soon.aborted) throw error;
      });
    }
  };
  const stayer = async (_: unknown, index: number) => {
    for (let item = 0; item < ITEMS_LEFT; item++) {
      expect(await report(url, `stayed-${index}-${item}`)).toBe("new");
      answered += 1;
    }
  };
  const half = CLIENTS / 2;
  await Promise.all([...Array.from({ length: half }, leaver), ...Array.from({ length: half }, stayer)]);
  expect(answered).toBe(half * ITEMS_LEFT);
  const count = await countOf(url);
  expect(count).toBeGreaterThanOrEqual(half * ITEMS_LEFT);
  expect(count).toBeLessThanOrEqual(CLIENTS * ITEMS_LEFT);
});
