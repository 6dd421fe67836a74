/** A maze against a server of the line protocol that is right, and against some that are not. */
import { expect, test } from "vitest";
import { MazeRun } from "../../../src/cli/maze/maze-run.ts";
import type { WrongListener } from "../../../src/cli/maze/maze-run.ts";
import type { MazePlanOptions } from "../../../src/cli/maze/maze-plan.ts";
import { startLineServer } from "../../support/line-server.ts";
import type { Tamper } from "../../support/line-server.ts";
import { PLAIN_MAZE } from "../../support/plain-maze.ts";

async function walk(options: Partial<MazePlanOptions>, tamper?: Tamper): Promise<readonly WrongListener[]> {
  const server = await startLineServer(tamper);
  const run = new MazeRun({
    host: "127.0.0.1",
    ...server,
    ...PLAIN_MAZE,
    events: 2_000,
    users: 20,
    batch: 100,
    seed: 7,
    settleMs: 500,
    quietMs: 50,
    json: false,
    ...options,
  });
  await run.run(new AbortController().signal);
  const wrong = run.judge();
  if (wrong.length === 0) expect(run.done).toBe(1);
  return wrong;
}

test.each([1, 100, 5_000])("a server that is right passes, in batches of %i", async (batch) => {
  expect(await walk({ batch })).toEqual([]);
});

test("so it does when half of the users come late, some not at all, and much that is sent is no event", async () => {
  const odd = { connected: 0.7, late: 0.5, duplicates: 0.2, malformed: 0.2, naming: "texts", lineEnd: "\r\n" } as const;
  expect(await walk(odd)).toEqual([]);
});

const TAMPERS: Readonly<Record<string, Tamper>> = {
  "loses one line": (user, line, count) => (user === "3" && count === 50 ? [] : [line]),
  "loses the last lines": (user, line) => (user === "3" && Number(line.split("|")[0]) > 1_900 ? [] : [line]),
  "repeats a line": (user, line, count) => (user === "3" && count === 9 ? [line, line] : [line]),
  "tells of another's line": (user, line, count) => (user === "3" && count === 9 ? ["99|P|1|4", line] : [line]),
  "changes a byte": (user, line, count) => (user === "3" && count === 9 ? [line.replace("|", "/")] : [line]),
};

test.each(Object.entries(TAMPERS))("a server that %s to one user is found out", async (_, tamper) => {
  const wrong = await walk({}, tamper);
  expect(wrong.map(({ user }) => user)).toEqual(["3"]);
});

test("a line that comes when all are there is one too many", async () => {
  const wrong = await walk({ events: 50, users: 1 }, (_, line) => (line.startsWith("50|") ? [line, "51|B"] : [line]));
  expect(wrong).toMatchObject([{ user: "1" }]);
});
