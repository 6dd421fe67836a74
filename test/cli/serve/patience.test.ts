/** How long is waited for a server that was just killed. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patiently } from "../../../src/cli/serve/patience.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Gets something once `afterMs` have passed. */
async function gotAfter(afterMs: number): Promise<{ readonly got: string | undefined; readonly tookMs: number }> {
  const beganMs = Date.now();
  const waiting = patiently(() => (Date.now() - beganMs >= afterMs ? "lock" : undefined));
  await vi.runAllTimersAsync();
  return { got: await waiting, tookMs: Date.now() - beganMs };
}

test("what is there is taken at once, and what comes within three seconds soon after", async () => {
  expect(await gotAfter(0)).toEqual({ got: "lock", tookMs: 0 });
  expect(await gotAfter(2_990)).toEqual({ got: "lock", tookMs: 3_000 });
});

test("nobody waits much longer, nor after a failure", async () => {
  const { got, tookMs } = await gotAfter(60_000);
  expect(got).toBeUndefined();
  expect(tookMs).toBeLessThan(3_200);
  const failing = patiently(() => Promise.reject(new Error("no such host")));
  await expect(failing).rejects.toThrow("no such host");
});
