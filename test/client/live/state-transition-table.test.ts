/**
 * The connection's state machine: the table below says where each event leads from each state, and for each of its cells
 * the generated tests check what must hold everywhere: no socket or timer is leaked or missed, nothing is changed in place.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BACKOFF_CAP_MS, backoffBoundMs } from "../../../src/client/backoff.ts";
import type {
  ConnectionEvent,
  ConnectionEventType,
  ConnectionState,
  ConnectionStateKind,
  Transition,
} from "../../../src/client/live/connection-state.ts";
import { initialState } from "../../../src/client/live/connection-state.ts";
import {
  OPEN_TIMEOUT_MS,
  PING_INTERVAL_MS,
  PONG_TIMEOUT_MS,
  SEEN_INTERVAL_CHARS,
  stateTransitionTable,
  transition,
} from "../../../src/client/live/state-transition-table.ts";

/** Where each event leads while the network is up; `=` is nowhere at all. */
const expected: Readonly<
  Record<ConnectionStateKind, Readonly<Record<ConnectionEventType, ConnectionStateKind | "=">>>
> = {
  idle: {
    connect: "connecting",
    disconnect: "=",
    close: "closed",
    online: "idle",
    offline: "idle",
    opened: "=",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "=",
    refused: "=",
    fault: "=",
    resync: "idle",
    elapsed: "=",
  },
  connecting: {
    connect: "=",
    disconnect: "idle",
    close: "closed",
    online: "connecting",
    offline: "offline",
    opened: "catching-up",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "waiting",
    refused: "refused",
    fault: "waiting",
    resync: "waiting",
    elapsed: "waiting",
  },
  "catching-up": {
    connect: "=",
    disconnect: "idle",
    close: "closed",
    online: "catching-up",
    offline: "offline",
    opened: "=",
    frame: "live",
    reset: "catching-up",
    message: "catching-up",
    lost: "waiting",
    refused: "=",
    fault: "waiting",
    resync: "waiting",
    elapsed: "catching-up",
  },
  live: {
    connect: "=",
    disconnect: "idle",
    close: "closed",
    online: "live",
    offline: "offline",
    opened: "=",
    frame: "live",
    reset: "catching-up",
    message: "live",
    lost: "waiting",
    refused: "=",
    fault: "waiting",
    resync: "waiting",
    elapsed: "live",
  },
  waiting: {
    connect: "connecting",
    disconnect: "idle",
    close: "closed",
    online: "waiting",
    offline: "offline",
    opened: "=",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "=",
    refused: "refused",
    fault: "=",
    resync: "waiting",
    elapsed: "connecting",
  },
  offline: {
    connect: "connecting",
    disconnect: "idle",
    close: "closed",
    online: "waiting",
    offline: "=",
    opened: "=",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "=",
    refused: "refused",
    fault: "=",
    resync: "offline",
    elapsed: "connecting",
  },
  refused: {
    connect: "connecting",
    disconnect: "idle",
    close: "closed",
    online: "refused",
    offline: "refused",
    opened: "=",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "=",
    refused: "=",
    fault: "=",
    resync: "refused",
    elapsed: "=",
  },
  closed: {
    connect: "=",
    disconnect: "=",
    close: "=",
    online: "=",
    offline: "=",
    opened: "=",
    frame: "=",
    reset: "=",
    message: "=",
    lost: "=",
    refused: "=",
    fault: "=",
    resync: "=",
    elapsed: "=",
  },
};

const carried = { since: "e:1", online: true, failures: 2 };
const session = { ...carried, awaitingPong: false, unseenChars: 10 };

const states: Readonly<Record<ConnectionStateKind, ConnectionState>> = {
  idle: { kind: "idle", ...carried },
  connecting: { kind: "connecting", ...carried },
  "catching-up": { kind: "catching-up", ...session },
  live: { kind: "live", ...session },
  waiting: { kind: "waiting", ...carried },
  offline: { kind: "offline", ...carried, online: false },
  refused: { kind: "refused", ...carried },
  closed: { kind: "closed", ...carried },
};

const events: Readonly<Record<ConnectionEventType, ConnectionEvent>> = {
  connect: { type: "connect" },
  disconnect: { type: "disconnect" },
  close: { type: "close" },
  online: { type: "online" },
  offline: { type: "offline" },
  opened: { type: "opened" },
  frame: { type: "frame", offset: "e:2", more: false, chars: 100 },
  reset: { type: "reset", chars: 16 },
  message: { type: "message", chars: 4 },
  lost: { type: "lost", code: 1006 },
  refused: { type: "refused" },
  fault: { type: "fault" },
  resync: { type: "resync", failures: 1 },
  elapsed: { type: "elapsed" },
};

/** What a driver holds at a time: by these each state must account for all effects. */
interface Held {
  readonly socket: boolean;
  readonly timer: boolean;
}

function heldIn(kind: ConnectionStateKind): Held {
  const socket = kind === "connecting" || kind === "catching-up" || kind === "live";
  return { socket, timer: socket || kind === "waiting" || kind === "offline" };
}

function carryOut(event: ConnectionEvent, { effects }: Transition, before: Held): Held {
  let { socket, timer } = before;
  if (event.type === "lost") socket = false;
  if (event.type === "elapsed") timer = false;
  for (const effect of effects) {
    if (effect.type === "open-socket") {
      expect(socket, "a socket is opened while there is one").toBe(false);
      socket = true;
    } else if (effect.type === "close-socket" || effect.type === "send") {
      expect(socket, `${effect.type} without a socket`).toBe(true);
      if (effect.type === "close-socket") socket = false;
    } else timer = effect.type === "set-timer";
  }
  return { socket, timer };
}

function freeze<T extends object>(value: T): T {
  return Object.freeze(value);
}

const kinds = Object.keys(states) as ConnectionStateKind[];
const types = Object.keys(events) as ConnectionEventType[];

test("the table is total", () => {
  expect(Object.keys(stateTransitionTable).toSorted()).toEqual(kinds.toSorted());
  for (const row of Object.values(stateTransitionTable)) {
    expect(Object.keys(row).toSorted()).toEqual(types.toSorted());
  }
});

describe.each(kinds)("%s", (kind) => {
  test.each(types)("%s", (type) => {
    const state = freeze(states[kind]);
    const next = transition(state, freeze(events[type]), 0.5);
    const outcome = expected[kind][type];
    if (outcome === "=") expect(next).toEqual({ state, effects: [] });
    expect(next.state === state).toBe(outcome === "=");
    expect(next.state.kind).toBe(outcome === "=" ? kind : outcome);
    expect(transition(state, events[type], 0.5)).toEqual(next);
    if (outcome !== "=") expect(carryOut(events[type], next, heldIn(kind))).toEqual(heldIn(next.state.kind));
  });
});

const anyEvent: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(events)) },
  // So that most histories get somewhere.
  { weight: 1, arbitrary: fc.constantFrom(events.connect, events.opened, events.reset) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("frame" as const),
      offset: fc.constantFrom("e:2", "e:3", "f:1"),
      more: fc.boolean(),
      chars: fc.constantFrom(1, 1000, SEEN_INTERVAL_CHARS),
    }),
  },
);

/** A socket or a timer that isn't there can't report anything. */
function canHappen(event: ConnectionEvent, kind: ConnectionStateKind): boolean {
  const held = heldIn(kind);
  if (event.type === "elapsed") return held.timer;
  if (event.type === "opened") return kind === "connecting";
  if (event.type === "lost") return held.socket;
  if (["frame", "reset", "message"].includes(event.type)) return kind === "catching-up" || kind === "live";
  return true;
}

test("through any history it holds exactly one socket or timer where it should, and resumes where it was", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const history = fc.array(fc.tuple(anyEvent, chance), { maxLength: 60 });
  fc.assert(
    fc.property(history, (steps) => {
      let state = initialState("e:0");
      let held: Held = heldIn("idle");
      let since: string | undefined = "e:0";
      for (const [event, jitter] of steps) {
        if (!canHappen(event, state.kind)) continue;
        const next = transition(state, event, jitter);
        held = carryOut(event, next, held);
        expect(held).toEqual(heldIn(next.state.kind));
        if (event.type === "frame") since = event.offset;
        if (event.type === "reset" || (event.type === "resync" && state.kind !== "closed")) since = undefined;
        expect(next.state.since).toBe(since);
        for (const effect of next.effects) {
          if (effect.type === "open-socket") expect(effect.since).toBe(since);
          if (effect.type === "set-timer") expect(effect.ms).toBeLessThanOrEqual(BACKOFF_CAP_MS);
        }
        state = next.state;
      }
    }),
  );
});

function run(state: ConnectionState, ...happened: readonly ConnectionEvent[]): Transition {
  let next: Transition = { state, effects: [] };
  for (const event of happened) next = transition(next.state, event, 0.5);
  return next;
}

test("waits longer with each failure in a row, and a frame forgets them", () => {
  let state = initialState(undefined);
  state = transition(state, events.connect, 0).state;
  for (let failures = 1; failures <= 12; failures++) {
    const lost = transition(state, events.lost, 0.5);
    expect(lost.effects).toEqual([{ type: "set-timer", ms: backoffBoundMs(failures) / 2 }]);
    state = transition(lost.state, events.elapsed, 0.5).state;
  }
  const resumed = run(state, events.opened, events.frame, { type: "lost", code: 1013 });
  expect(resumed.effects).toEqual([{ type: "set-timer", ms: backoffBoundMs(1) / 2 }]);
});

test("an open socket without a frame is no success", () => {
  const { state } = run(states.connecting, events.opened, events.lost);
  expect(state).toMatchObject({ kind: "waiting", failures: carried.failures + 1 });
});

test("pings, and gives up when no answer comes", () => {
  const asked = run(states.live, events.elapsed);
  expect(asked.effects).toEqual([
    { type: "send", text: "ping" },
    { type: "set-timer", ms: PONG_TIMEOUT_MS },
  ]);
  const answered = run(asked.state, events.message);
  expect(answered.effects).toEqual([{ type: "set-timer", ms: PING_INTERVAL_MS }]);
  expect(run(answered.state, events.message).effects).toEqual([]);
  expect(run(asked.state, events.frame).effects).toEqual([{ type: "set-timer", ms: PING_INTERVAL_MS }]);
  const gaveUp = run(asked.state, events.elapsed);
  expect(gaveUp.state.kind).toBe("waiting");
  expect(gaveUp.effects[0]).toEqual({ type: "close-socket", code: 4000, reason: "timeout" });
});

test("gives up on a socket that doesn't open", () => {
  expect(run(states.idle, events.connect).effects).toContainEqual({ type: "set-timer", ms: OPEN_TIMEOUT_MS });
  expect(run(states.idle, events.connect, events.elapsed).state.kind).toBe("waiting");
});

test("tells the server that it keeps up: after a frame with more, and after each MiB", () => {
  const seen = { type: "send", text: '{"type":"seen"}' };
  expect(run(states.live, { ...events.frame, more: true } as ConnectionEvent).effects).toEqual([seen]);
  const almost = SEEN_INTERVAL_CHARS - session.unseenChars - 1;
  const before = run(states.live, { type: "message", chars: almost });
  expect(before.effects).toEqual([]);
  const after = run(before.state, { type: "message", chars: 1 });
  expect(after.effects).toEqual([seen]);
  expect(after.state).toMatchObject({ unseenChars: 0 });
});

test("who is not let in does not try again, until it is told to; and then as if nothing had been", () => {
  const refused = run(states.waiting, events.refused);
  expect(refused.effects).toEqual([{ type: "clear-timer" }]);
  expect(refused.state).toMatchObject({ kind: "refused", since: carried.since, failures: 0 });
  const again = run(refused.state, events.connect);
  expect(again.effects[0]).toEqual({ type: "open-socket", since: carried.since });
});

test("without a network it only looks now and then; when the network is back, soon", () => {
  const offline = run(states.live, events.offline);
  expect(offline.effects.at(-1)).toEqual({ type: "set-timer", ms: BACKOFF_CAP_MS / 2 });
  expect(run(offline.state, events.elapsed, events.lost).state.kind).toBe("offline");
  expect(run(offline.state, events.online).effects).toEqual([{ type: "set-timer", ms: backoffBoundMs(1) / 2 }]);
});

test("after a reset, a connection that is cut before the first frame begins from the beginning", () => {
  const { effects } = run(states.live, events.reset, events.lost, events.elapsed);
  expect(effects[0]).toEqual({ type: "open-socket", since: undefined });
});

test("starts over after a failed check, later the more often it failed", () => {
  const next = run(states.live, { type: "resync", failures: 5 });
  expect(next.state).toMatchObject({ kind: "waiting", since: undefined });
  expect(next.effects.at(-1)).toEqual({ type: "set-timer", ms: backoffBoundMs(5) / 2 });
});
