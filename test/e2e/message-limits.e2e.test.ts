/** More messages on a connection than a server takes: what the SDK makes of it, and what a client that doesn't care. */
import { expect, onTestFinished, test } from "vitest";
import { LwwSetReplica, WeirClient } from "../../src/client/index.ts";
import { CLOSE, RawWebSocket } from "../support/raw-connection.ts";
import { startServer } from "../support/server.ts";

const AT_ONCE = 20;
const LIMITED = { SOCKET_MESSAGES_PER_MINUTE: String(6 * AT_ONCE) };

/** One operation in each message, where the replica would put all that wait into the next. */
async function addOneByOne(replica: LwwSetReplica, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    replica.add(`e${index}`);
    expect(await replica.whenConverged(60_000)).toBe(true);
  }
}

test("[O2] a replica that is told to wait does, on the same connection, and loses nothing", async () => {
  const { url } = await startServer({ env: LIMITED });
  const replica = new LwwSetReplica(new WeirClient({ url }).set("paced"));
  onTestFinished(() => replica.close());
  const problems: string[] = [];
  replica.subscribe((event) => {
    if (event.type === "problem") problems.push(event.problem.code);
  });
  replica.connect();
  await addOneByOne(replica, AT_ONCE + 3);
  expect(new Set(problems)).toEqual(new Set(["rate_limited"]));
  expect(replica.status.stats).toMatchObject({ acknowledged: AT_ONCE + 3, rejected: 0, reconnects: 0 });
  expect(await (await fetch(`${url}/sets/paced`)).json()).toMatchObject({ size: AT_ONCE + 3 });
});

test("[O2] a source sends as many lines as it likes", async () => {
  const { url } = await startServer({ env: LIMITED });
  const source = new WeirClient({ url }).stream("fast").source();
  onTestFinished(() => source.close());
  for (let sequence = 1; sequence <= 5 * AT_ONCE; sequence++) await source.send([`${sequence}|B`]);
  expect(source.standing).toMatchObject({ cursor: 5 * AT_ONCE, duplicates: 0 });
});

test("[O2] who goes on all the same is closed, and what was acknowledged is there", async () => {
  const { url, port } = await startServer({ env: LIMITED });
  const socket = await RawWebSocket.open(port, "/sets/flooded/live");
  const payloads = Array.from({ length: 1_000 }, (_, index) =>
    JSON.stringify({ type: "write", id: index, ops: [{ op: "add", element: `e${index}`, timestamp: 1 }] }),
  );
  socket.send(...payloads.map((payload) => ({ payload })));
  const acknowledged: string[] = [];
  let refused = 0;
  const end = await socket.until(({ opcode, text }) => {
    if (opcode === CLOSE) return true;
    const { type, id, code } = JSON.parse(text) as {
      readonly type: string;
      readonly id?: number;
      readonly code?: string;
    };
    if (type === "ack") acknowledged.push(`e${id}`);
    if (code === "rate_limited") refused += 1;
    return false;
  });
  expect(Buffer.from(end!.text, "latin1").readUInt16BE(0)).toBe(1008);
  expect(acknowledged.length).toBeGreaterThanOrEqual(AT_ONCE);
  expect(refused).toBeGreaterThanOrEqual(100);
  const { elements } = (await (await fetch(`${url}/sets/flooded?limit=1000`)).json()) as {
    readonly elements: string[];
  };
  expect(elements.toSorted()).toEqual(acknowledged.toSorted());
  // Coming again is a request like any other.
  const again = await RawWebSocket.open(port, "/sets/flooded/live");
  again.send({ payload: payloads[999]! });
  expect((await again.until(({ text }) => text.includes('"id":999')))?.text).toContain('"type":"ack"');
});

test("a limit that is none is not taken for none", async () => {
  const { url } = await startServer({ env: { SOCKET_MESSAGES_PER_MINUTE: "5" } });
  expect((await fetch(`${url}/sets/a`)).status).toBe(500);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
