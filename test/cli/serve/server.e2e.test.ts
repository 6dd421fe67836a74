import { expect, it } from "vitest";
import { startServer } from "../../support/server.ts";

it("keeps what it acknowledged through SIGKILL and restart, on the same address", async () => {
  const server = await startServer();
  const pid = server.pid;
  const put = await fetch(`${server.url}/sets/a/elements/x`, { method: "PUT" });
  expect(put.status).toBe(200);
  await server.kill("SIGKILL");
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();

  await server.restart();
  expect(server.pid).not.toBe(pid);
  const read = await fetch(`${server.url}/sets/a`);
  expect(await read.json()).toMatchObject({ elements: ["x"], size: 1 });
});

it("serves the page and what it is made of", async () => {
  const { url } = await startServer();
  const page = await fetch(`${url}/`);
  expect(page.headers.get("Content-Type")).toMatch("text/html");
  expect(await page.text()).toContain("<!doctype html>");
  for (const [file, type] of [
    ["app.js", "text/javascript"],
    ["app.css", "text/css"],
  ]) {
    const response = await fetch(`${url}/viewer/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toMatch(type!);
    await response.arrayBuffer();
  }
});

it("stops though a viewer is connected", async () => {
  const server = await startServer();
  const live = await fetch(`${server.url}/sets/a/live`, { headers: { Accept: "text/event-stream" } });
  const reader = live.body!.getReader();
  await reader.read();
  await server.stop();
  const drained = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  await drained().catch(() => {});
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

it("takes settings from where it is told, and refuses everyone in a mode it does not know", async () => {
  const server = await startServer({ env: { AUTH_MODE: "nonsense" } });
  const read = await fetch(`${server.url}/sets/a`);
  expect(read.status).toBe(401);
  await read.arrayBuffer();
});
