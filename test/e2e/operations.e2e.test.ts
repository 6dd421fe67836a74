/** Limits and the log on a real server: addresses are those of real connections, lines are those a person would see. */
import { expect, it } from "vitest";
import { startServer } from "../support/server.ts";
import { start } from "../support/start-process.ts";
import { temporaryFolder } from "../support/server.ts";

it("limits an address by its connections, whatever it claims to be", async () => {
  const { url } = await startServer({ env: { ADDRESS_REQUESTS_PER_MINUTE: "3" } });
  // One request was the start's own question whether it is up, on a path that there is.
  const statuses: number[] = [];
  for (let request = 0; request < 5; request++) {
    const headers = { "CF-Connecting-IP": `203.0.113.${request}`, "X-Forwarded-For": `203.0.113.${request}` };
    const response = await fetch(`${url}/sets/a`, { headers });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  expect(statuses.slice(-2)).toEqual([429, 429]);
  expect(statuses[0]).toBe(200);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

it("logs lines of JSON that name nobody", async () => {
  const server = start({ WEIR_DATA: temporaryFolder(), LOG_SAMPLE: "1" });
  const url = await server.url();
  const before = server.output().length;
  await fetch(`${url}/sets/Secret-7Q/elements/Secret-7Q?timestamp=1`, { method: "PUT" });
  await fetch(`${url}/sets/Secret-7Q/elements/Secret-7Q?timestamp=Secret-7Q`, { method: "PUT" });
  await fetch(`${url}/sets/Secret-7Q`, { method: "DELETE" });
  const logged = () => server.output().slice(before);
  await expect.poll(logged).toContain('"route":"setErase"');
  const lines = logged()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const events = lines.map(({ event, route, status }) => [event, route, status]);
  expect(events).toEqual(
    expect.arrayContaining([
      ["request", "setElementAdd", 200],
      ["request", "setElementAdd", 400],
      ["request", "setErase", 204],
      ["woken", undefined, undefined],
      ["erased", undefined, undefined],
    ]),
  );
  expect(logged()).not.toContain("Secret-7Q");
});
