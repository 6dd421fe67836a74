/** The items of the SDK on a real server that dies meanwhile. */
import { expect, onTestFinished, test } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { CountingFrame } from "../../../src/client/index.ts";
import { startServer } from "../../support/server.ts";

test("[N1] [N9] [N14] reports, reads and follows counts, through a kill of the server", async () => {
  const server = await startServer();
  const { items } = new WeirClient({ url: server.url });
  onTestFinished(() => items.close());

  const frames: CountingFrame[] = [];
  let arrived = () => {};
  const live = items.live("acme", {
    onFrame: (frame) => {
      frames.push(frame);
      arrived();
    },
  });
  onTestFinished(() => live.close());
  /** The test's time limit is what ends a wait in vain. */
  const countShown = async (count: number): Promise<void> => {
    while (!frames.some((frame) => frame.type === "count" && frame.count === count)) {
      await new Promise<void>((resolve) => (arrived = resolve));
    }
  };

  live.connect();
  await countShown(0);
  const before = [
    { id: "a", tenant: "acme" },
    { id: "b", tenant: "acme" },
    { id: "a", tenant: "other" },
  ];
  expect(await items.observe(before)).toEqual(["new", "new", "new"]);
  expect([await items.count("acme"), await items.count("other")]).toEqual([2, 1]);
  await countShown(2);

  await server.kill("SIGKILL");
  const during = items.observe([
    { id: "b", tenant: "acme" },
    { id: "c", tenant: "acme" },
  ]);
  await server.restart();
  await items.flush();
  expect(await during).toEqual(["duplicate", "new"]);
  expect(items.pending).toBe(0);
  await countShown(3);
  expect(frames.some((frame) => frame.type === "reset")).toBe(false);

  expect((await items.counted("acme", "c")).counted).toBe(true);
  expect(await items.counted("acme", "d")).toEqual({ counted: false, at: null });
  await items.erase("acme");
  expect(await items.count("acme")).toBe(0);
});

test("[R4] refuses items that make no sense, before any is sent", async () => {
  const { items } = new WeirClient({ url: "http://127.0.0.1:1" });
  const wrong = items.observe([
    { id: "a", tenant: "acme" },
    { id: "", tenant: "acme" },
  ]);
  await expect(wrong).rejects.toMatchObject({ code: "invalid_request", errors: [{ path: "items[1].id" }] });
  expect(items.pending).toBe(0);
});
