/** The smoke test against servers that work, that let nobody in, and that do everything wrong. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startServer } from "../../support/server.ts";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function smoke(url: string): Promise<Ended> {
  const child = spawn(process.execPath, ["src/cli/index.ts", "smoke", url], { env: { ...process.env, NO_COLOR: "1" } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

it("finds all well where all is, and leaves nothing that it can erase", async () => {
  const { url } = await startServer();
  const { code, output } = await smoke(url);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/All is well\.\n$/) });
  for (const feature of ["page", "sets", "items", "analytics", "metrics"]) {
    expect(output).toMatch(new RegExp(`^ok {7}${feature}, \\d+ ms$`, "m"));
  }
  expect(output).not.toMatch(/FAILED|may be left/);
});

it("fails where nobody is let in, and where nobody is", async () => {
  const { url } = await startServer({ env: { AUTH_MODE: "nonsense" } });
  const closed = await smoke(url);
  expect([closed.code, closed.output]).toEqual([1, expect.stringMatching(/GET \/\S+ answered 401 and not 200/)]);
  expect(await smoke("http://127.0.0.1:1")).toMatchObject({ code: 1, output: expect.stringMatching(/be reached/) });
});

it("finds each feature broken where every answer is wrong", async () => {
  const paths = { "/": {}, "/sets/{set}": { delete: {} }, "/items": {}, "/analytics": {}, "/metrics": {} };
  const liar = createServer((request, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(request.url === "/openapi.json" ? { paths } : { status: "ok" }));
  }).listen(0, "127.0.0.1");
  await new Promise((done) => liar.once("listening", done));
  onTestFinished(() => void liar.close());
  const { code, output } = await smoke(`http://127.0.0.1:${(liar.address() as AddressInfo).port}`);
  expect(code).toBe(1);
  expect(output).toMatch(/^5 of 6 failed\.$/m);
  expect(output).toMatch(
    /^FAILED {3}analytics: POST \/analytics\/events answered 200 and not 202 \(request smoke-\S+\)/m,
  );
  expect(output).toMatch(/\/sets\/smoke-\S+-set may be left: erasing it answered 200/);
});
