import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { cuttingFetch } from "../../../src/cli/load/cutting-fetch.ts";
import { seededRandom } from "../../../src/cli/seeded-random.ts";

async function startServer() {
  const seen = { requests: 0, broken: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    response.on("close", () => (seen.broken += response.writableFinished ? 0 : 1));
    request.resume().on("end", () => response.writeHead(200).write("begun"));
    // The answer takes its time, so that it can be cut.
    setTimeout(() => response.end("done"), 10);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

test("cuts the share of connections that it was told to, and no answer of those comes through", async () => {
  const { url, seen } = await startServer();
  const { fetch: cut, counts } = cuttingFetch(0.5, seededRandom(1));
  let answered = 0;
  for (let request = 0; request < 60; request++) {
    const answer = await cut(url, { method: "POST", body: "x" }).catch(() => undefined);
    if (answer !== undefined && (await answer.text()) === "begundone") answered += 1;
  }
  expect(counts.requests).toBe(60);
  expect(counts.cuts).toBeGreaterThan(15);
  expect(counts.cuts).toBeLessThan(45);
  expect(answered).toBe(60 - counts.cuts);
  expect(seen.requests).toBeGreaterThan(answered);
  expect(seen.broken).toBeGreaterThan(0);
});

test("cuts nothing when it was told to", async () => {
  const { url } = await startServer();
  const { fetch: cut, counts } = cuttingFetch(0, seededRandom(1));
  expect(await (await cut(url)).text()).toBe("begundone");
  expect(counts).toEqual({ requests: 1, cuts: 0 });
});
