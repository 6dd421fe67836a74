/** More messages on a connection than there may be, at the limit and one past it. The clock stands still meanwhile. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { succeed } from "../../../src/protocol/problem.ts";
import { REFUSALS_MAX, SAVED_UP_MS } from "../../../src/worker/live/message-meter.ts";
import { withViewerRights } from "../../../src/worker/live/viewer-rights.ts";
import { StreamObject } from "../../../src/worker/streams/stream-object.ts";
import { CounterFeed } from "../support/counter-feed.ts";
import type { HubViewer } from "../support/hub-test.ts";
import { HubTest, inObject } from "../support/hub-test.ts";
import { StreamSocket } from "../support/test-stream.ts";

const AT_ONCE = 10;
const PER_MINUTE = 6 * AT_ONCE;
const TOO_MANY = { code: 1008, reason: "too many messages" };

const start = Date.now();
let clock = vi.spyOn(Date, "now");
beforeEach(() => {
  clock = vi.spyOn(Date, "now").mockReturnValue(start);
});
afterEach(() => {
  clock.mockRestore();
});

async function openHub(ctx: DurableObjectState, written: unknown[]): Promise<HubTest> {
  return new HubTest(ctx, new CounterFeed(), { messagesPerMinute: PER_MINUTE }, async (body) => {
    written.push(body);
    return succeed({ written: written.length });
  });
}

async function write({ hub }: HubTest, { server }: HubViewer, times: number): Promise<void> {
  for (let id = 1; id <= times; id++) await hub.receive(server, JSON.stringify({ type: "write", id }));
}

describe("a viewer", () => {
  it("[O2] may write so often at once; one more is refused by its id, and not carried out", () =>
    inObject(async (ctx) => {
      const written: unknown[] = [];
      const test = await openHub(ctx, written);
      const [viewer, other] = [test.connect(), test.connect()];
      await viewer.client.next();
      await write(test, viewer, AT_ONCE + 1);
      for (let id = 1; id <= AT_ONCE; id++) expect(await viewer.client.next()).toMatchObject({ type: "ack", id });
      expect(await viewer.client.next()).toEqual({
        type: "error",
        id: AT_ONCE + 1,
        status: 429,
        code: "rate_limited",
        title: "rate limited",
        detail: "Too many messages on this connection; go on in 1 s.",
      });
      expect(written).toHaveLength(AT_ONCE);

      await write(test, other, 1);
      expect(written).toHaveLength(AT_ONCE + 1);
      clock.mockReturnValue(start + 1_000);
      await write(test, viewer, 1);
      expect(await viewer.client.next()).toMatchObject({ type: "ack", id: 1 });
    }));

  it("[O2] that goes on is closed, and not before it was told a hundred times", () =>
    inObject(async (ctx) => {
      const written: unknown[] = [];
      const test = await openHub(ctx, written);
      const viewer = test.connect();
      await write(test, viewer, AT_ONCE + REFUSALS_MAX);
      expect(ctx.getWebSockets()).toHaveLength(1);
      await write(test, viewer, 1);
      expect(await viewer.client.closed).toEqual(TOO_MANY);
      const types = viewer.client.texts.map((text) => (JSON.parse(text) as { type: string }).type);
      expect(types.filter((type) => type === "error")).toHaveLength(REFUSALS_MAX);
      await write(test, viewer, 1);
      expect(written).toHaveLength(AT_ONCE);
    }));

  it.each([
    ["what was seen", '{"type":"seen"}'],
    ["nothing that makes sense", "x"],
    ["bytes", new Uint8Array(3).buffer],
  ])("[O2] is counted whatever it says: %s", (_, message) =>
    inObject(async (ctx) => {
      const written: unknown[] = [];
      const test = await openHub(ctx, written);
      const viewer = test.connect();
      for (let time = 1; time < AT_ONCE; time++) await test.hub.receive(viewer.server, message);
      await write(test, viewer, 1);
      expect(written).toHaveLength(1);
      await write(test, viewer, 1);
      expect(written).toHaveLength(1);
      for (let time = 0; time < REFUSALS_MAX; time++) await test.hub.receive(viewer.server, message);
      expect(await viewer.client.closed).toEqual(TOO_MANY);
    }),
  );

  it("[O3] may send as much as before, and no more, when its object was away", () =>
    inObject(async (ctx) => {
      const written: unknown[] = [];
      const viewer = (await openHub(ctx, written)).connect();
      const again = async (): Promise<number> => {
        const before = written.length;
        await write(await openHub(ctx, written), viewer, AT_ONCE + 5);
        return written.length - before;
      };
      expect(await again()).toBe(AT_ONCE);
      clock.mockReturnValue(start + SAVED_UP_MS);
      expect(await again()).toBe(AT_ONCE);
    }));
});

/** A stream with the limit, as another instance of its object: the sockets' own doesn't know them. */
function inStream(test: (open: (role: string) => Promise<StreamPeer>, stream: StreamObject) => Promise<void>) {
  return runInDurableObject(env.STREAMS.getByName(crypto.randomUUID()), async (_, ctx) => {
    const stream = new StreamObject(ctx, { ...env, SOCKET_MESSAGES_PER_MINUTE: String(PER_MINUTE) });
    await test(async (role) => {
      const others = new Set(ctx.getWebSockets());
      const request = new Request(`http://weir/streams/s/${role}`, { headers: { Upgrade: "websocket" } });
      const response = await stream.fetch(withViewerRights(request, { mayWrite: true }));
      const client = new StreamSocket(response.webSocket!);
      const server = ctx.getWebSockets().find((socket) => !others.has(socket))!;
      return { client, hear: (message) => stream.webSocketMessage(server, message) };
    }, stream);
  });
}

interface StreamPeer {
  readonly client: StreamSocket;
  readonly hear: (message: string) => Promise<void>;
}

async function hearOften({ hear }: StreamPeer, message: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await hear(message);
}

describe("a source", () => {
  it("[O2] may send as many messages with lines as it likes, and is sent away for one without too many", () =>
    inStream(async (open, stream) => {
      const source = await open("source");
      for (let sequence = 1; sequence <= 3 * AT_ONCE; sequence++) await source.hear(`${sequence}|B\n`);
      await hearOften(source, "\n", AT_ONCE);
      await source.hear(`${3 * AT_ONCE + 1}|B\n`);
      expect((await stream.status()).sources).toBe(1);
      await source.hear("\r\n");
      expect(await source.client.closed).toEqual(TOO_MANY);
      expect(await stream.status()).toMatchObject({ sources: 0, cursor: 3 * AT_ONCE + 1 });
      expect(JSON.parse(source.client.texts.at(-1)!)).toMatchObject({ type: "ack", lines: 3 * AT_ONCE + 1 });
    }));
});

describe("a gateway", () => {
  it("[O2] may send as many lines as its sources like, and is sent away for one message too many", () =>
    inStream(async (open, stream) => {
      const gateway = await open("gateway");
      await gateway.hear('{"type":"source","id":1}');
      for (let sequence = 1; sequence <= 3 * AT_ONCE; sequence++) {
        await gateway.hear(JSON.stringify({ type: "lines", id: 1, lines: `${sequence}|B\n` }));
      }
      await hearOften(gateway, '{"type":"seen"}', AT_ONCE - 1);
      expect((await stream.status()).sources).toBe(1);
      await gateway.hear('{"type":"join","users":[{"id":2,"user":"u"}]}');
      expect(await gateway.client.closed).toEqual(TOO_MANY);
      expect(await stream.status()).toMatchObject({ sources: 0, users: 0, cursor: 3 * AT_ONCE });
    }));

  it.each([
    ["no lines", '{"type":"lines","id":1,"lines":"\\n"}'],
    ["lines of nobody", '{"type":"lines","id":9,"lines":"1|B"}'],
    ["nothing that makes sense", "x"],
  ])("[O2] is counted where it sends %s", (_, message) =>
    inStream(async (open, stream) => {
      const gateway = await open("gateway");
      await gateway.hear('{"type":"source","id":1}');
      await hearOften(gateway, message, AT_ONCE - 1);
      expect((await stream.status()).sources).toBe(1);
      await gateway.hear(message);
      expect(await gateway.client.closed).toEqual(TOO_MANY);
      expect((await stream.status()).sources).toBe(0);
    }),
  );
});
