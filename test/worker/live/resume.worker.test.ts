/**
 * Viewers through everything that can happen to them: other clients write, the set is erased or purged, the object is
 * evicted, the connection is lost. Each frame must prove the replica it leads to, and at the end all hold the set.
 */
import * as fc from "fast-check";
import { it } from "vitest";
import { openEvents } from "../support/event-reader.ts";
import type { EventReader } from "../support/event-reader.ts";
import { openSocket } from "../support/live-socket.ts";
import type { Frame, LiveSocket } from "../support/live-socket.ts";
import { Replica } from "../support/replica.ts";
import { TestSet } from "../support/test-set.ts";
import type { TestOp } from "../support/test-set.ts";

const opArbitrary: fc.Arbitrary<TestOp> = fc.record({
  op: fc.constantFrom("add", "remove"),
  element: fc.constantFrom("a", "b", "c"),
  timestamp: fc.integer({ min: 1, max: 5 }),
});
/** An event stream keeps its object in memory, so that only viewers on WebSockets see evictions. */
const stepArbitrary = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("write"), ops: fc.array(opArbitrary, { maxLength: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("reconnect"), viewer: fc.nat({ max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("erase", "purge", "evict", "pause") }) },
);

interface Viewer {
  /** Takes frames until it holds the set. Alarms purge it on their own, so what that is may change meanwhile. */
  catchUp(): Promise<void>;
  reconnect(): Promise<void>;
  close(): Promise<void>;
}

async function take(replica: Replica, frame: Frame): Promise<void> {
  if (frame.type === "reset") replica.reset();
  else await replica.take(frame);
}

async function socketViewer(set: TestSet): Promise<Viewer> {
  const replica = new Replica();
  const path = () => `${set.path}/live${replica.offset === undefined ? "" : `?since=${replica.offset}`}`;
  let socket: LiveSocket = await openSocket(path());
  return {
    async catchUp() {
      while (replica.offset !== (await set.read()).offset) await take(replica, await socket.next());
    },
    async reconnect() {
      await socket.close();
      socket = await openSocket(path());
    },
    close: async () => void (await socket.close()),
  };
}

async function streamViewer(set: TestSet): Promise<Viewer> {
  const replica = new Replica();
  let lastEventId = "";
  const open = () => openEvents(`${set.path}/live`, lastEventId === "" ? {} : { "Last-Event-ID": lastEventId });
  let events: EventReader = await open();
  return {
    async catchUp() {
      while (replica.offset !== (await set.read()).offset) {
        const { fields, frame } = await events.nextFrame();
        await take(replica, frame);
        lastEventId = fields["id"] ?? lastEventId;
      }
    },
    async reconnect() {
      await events.cancel();
      events = await open();
    },
    close: () => events.cancel(),
  };
}

it.each([
  ["WebSockets", socketViewer, true],
  ["event streams", streamViewer, false],
] as const)(
  "[S16] leaves every viewer on %s with the set, whatever happened",
  async (_, connect, canEvict) => {
    const property = fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 14 }), async (steps) => {
      const set = new TestSet();
      await set.create({ tombstone_retention_ms: 0 });
      const viewers = [await connect(set), await connect(set), await connect(set)];
      for (const step of steps) {
        if (step.kind === "write") await set.write(...step.ops);
        else if (step.kind === "reconnect") await viewers[step.viewer]!.reconnect();
        else if (step.kind === "erase") await set.erase();
        else if (step.kind === "purge") await set.purge();
        else if (step.kind === "pause") await viewers[0]!.catchUp();
        else if (canEvict) await set.evict();
      }
      for (const viewer of viewers) {
        await viewer.catchUp();
        await viewer.close();
      }
    });
    await fc.assert(property, { numRuns: 25 });
  },
  30_000,
);
