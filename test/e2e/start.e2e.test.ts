import { expect, it } from "vitest";
import { startServer } from "../support/server.ts";

it("answers, dies and comes back", async () => {
  const server = await startServer();
  const put = await fetch(`${server.url}/sets/a/elements/x`, { method: "PUT" });
  expect(put.status).toBe(200);
  await server.kill("SIGKILL");
  await server.restart();
  const read = await fetch(`${server.url}/sets/a`);
  expect(await read.json()).toMatchObject({ elements: ["x"] });
});
