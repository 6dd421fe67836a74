/** The state of a stream, asked for again and again. */
import { beforeEach, expect, test } from "vitest";
import { WeirError } from "../../../src/client/index.ts";
import type { StatusAnswer } from "../../../src/protocol/streams.ts";
import { ASK_AGAIN_MS_MAX, ASK_MS, StreamWatch } from "../../../src/viewer/streams/stream-watch.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

interface Asked {
  readonly resolve: (state: StatusAnswer) => void;
  readonly reject: (error: Error) => void;
}

let runtime: FakeRuntime;
let watch: StreamWatch;
let asked: Asked[];
let drawn: number;

beforeEach(() => {
  runtime = new FakeRuntime();
  asked = [];
  drawn = 0;
  const status = () => new Promise<StatusAnswer>((resolve, reject) => asked.push({ resolve, reject }));
  watch = new StreamWatch(
    { status },
    {
      nowMs: () => runtime.nowMs(),
      setTimer: (ms, fire) => runtime.setTimer(ms, fire),
      changed: () => void (drawn += 1),
    },
  );
});

/** Of all of it only the cursor matters here. */
async function answer(cursor: number): Promise<void> {
  asked.at(-1)!.resolve({ cursor } as StatusAnswer);
  await new Promise(setImmediate);
}

async function fail(): Promise<void> {
  asked.at(-1)!.reject(new WeirError({ code: "network", detail: "It could not be reached." }));
  await new Promise(setImmediate);
}

test("is asked for once a second, and says how fast the stream is", async () => {
  expect(watch.kind).toBe("idle");
  watch.connect();
  expect(watch.kind).toBe("connecting");
  await answer(0);
  expect([watch.kind, watch.state?.cursor]).toEqual(["live", 0]);
  drawn = 0;
  for (let second = 1; second <= 5; second++) {
    runtime.pass(ASK_MS);
    expect(asked).toHaveLength(second + 1);
    await answer(second * 100);
  }
  expect(watch.perSecond).toBe(50);
  expect(drawn).toBeGreaterThanOrEqual(5);
});

test("is asked for at once when something was sent, and what was asked before is forgotten", async () => {
  watch.connect();
  await answer(1);
  runtime.pass(ASK_MS);
  watch.refresh();
  expect(asked).toHaveLength(3);
  await answer(7);
  asked[1]!.resolve({ cursor: 3 } as StatusAnswer);
  await new Promise(setImmediate);
  expect(watch.state?.cursor).toBe(7);
  expect(runtime.timers).toBe(1);
});

test("is lost and comes back, after longer and longer waits, with no rate for what nobody watched", async () => {
  watch.connect();
  await answer(1);
  let waitMs = ASK_MS;
  for (let failures = 0; failures < 6; failures++) {
    runtime.pass(waitMs);
    await fail();
    expect([watch.kind, watch.problem]).toEqual(["waiting", "It could not be reached."]);
    waitMs = watch.retryAtMs! - runtime.nowMs();
  }
  expect(waitMs).toBe(ASK_AGAIN_MS_MAX);
  runtime.pass(waitMs);
  expect(watch.kind).toBe("connecting");
  expect(watch.reconnects).toBe(6);
  await answer(5_000);
  expect([watch.kind, watch.problem, watch.perSecond]).toEqual(["live", undefined, 0]);
});

test("rests when it is told to, and for good when it is closed", async () => {
  watch.connect();
  await answer(1);
  watch.disconnect();
  expect([watch.kind, runtime.timers]).toEqual(["idle", 0]);
  watch.connect();
  watch.close();
  await answer(9);
  expect([watch.kind, watch.state?.cursor, runtime.timers]).toEqual(["closed", 1, 0]);
});
