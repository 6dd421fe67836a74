/**
 * What a live connection does: for each state and each event the next state and the effects. The table is total, so
 * there is no event that nobody thought of in some state; where nothing happens it says `stay`.
 */
import { BACKOFF_CAP_MS, backoffMs } from "../backoff.ts";
import type {
  Carried,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionEventType,
  ConnectionState,
  ConnectionStateKind,
  EventOf,
  Session,
  StateOf,
  Transition,
} from "./connection-state.ts";

/** Between two pings of a connection on which nothing else shows that it lives. Proxies cut at 30 s and more. */
export const PING_INTERVAL_MS = 25_000;
export const PONG_TIMEOUT_MS = 10_000;
export const OPEN_TIMEOUT_MS = 10_000;
/** Characters after which the server is told that they arrived. It holds back at 16 Mi without a sign. */
export const SEEN_INTERVAL_CHARS = 1 << 20;

const CLOSE_NORMAL = 1000;
/** Browsers let a page send 1000 and 3000 to 4999 only. */
const CLOSE_FAULT = 4000;

const PING: ConnectionEffect = { type: "send", text: "ping" };
export const SEEN_TEXT = '{"type":"seen"}';
const SEEN: ConnectionEffect = { type: "send", text: SEEN_TEXT };
const CLEAR_TIMER: ConnectionEffect = { type: "clear-timer" };
const HANG_UP: ConnectionEffect = { type: "close-socket", code: CLOSE_NORMAL, reason: "" };

type Handler<S extends ConnectionStateKind, E extends ConnectionEventType> = (
  state: StateOf<S>,
  event: EventOf<E>,
  jitter: number,
) => Transition;

type StateTransitionTable = {
  readonly [S in ConnectionStateKind]: { readonly [E in ConnectionEventType]: Handler<S, E> };
};

export const stateTransitionTable: StateTransitionTable = {
  idle: {
    connect: (state) => open(state),
    disconnect: stay,
    close: (state) => end(state, []),
    online: (state) => to({ ...state, online: true }),
    offline: (state) => to({ ...state, online: false }),
    opened: stay,
    frame: stay,
    reset: stay,
    message: stay,
    lost: stay,
    refused: stay,
    fault: stay,
    resync: (state) => to({ ...state, since: undefined }),
    elapsed: stay,
  },
  connecting: {
    connect: stay,
    disconnect: (state) => rest(state, [CLEAR_TIMER, HANG_UP]),
    close: (state) => end(state, [CLEAR_TIMER, HANG_UP]),
    online: (state) => to({ ...state, online: true }),
    offline: (state, _, jitter) => retry({ ...state, online: false }, jitter, [HANG_UP]),
    opened: (state) => ({
      state: { ...carried(state), kind: "catching-up", awaitingPong: false, unseenChars: 0 },
      effects: [{ type: "set-timer", ms: PING_INTERVAL_MS }],
    }),
    frame: stay,
    reset: stay,
    message: stay,
    lost: (state, _, jitter) => fail(state, jitter, []),
    refused: (state) => giveUp(state, [CLEAR_TIMER, HANG_UP]),
    fault: (state, _, jitter) => fail(state, jitter, [hangUpFor("fault")]),
    resync: (state, event, jitter) => startOver(state, event, jitter, [hangUpFor("resync")]),
    elapsed: (state, _, jitter) => fail(state, jitter, [hangUpFor("timeout")]),
  },
  "catching-up": {
    connect: stay,
    disconnect: (state) => rest(state, [CLEAR_TIMER, HANG_UP]),
    close: (state) => end(state, [CLEAR_TIMER, HANG_UP]),
    online: (state) => to({ ...state, online: true }),
    offline: (state, _, jitter) => retry({ ...state, online: false }, jitter, [HANG_UP]),
    opened: stay,
    frame: advance,
    reset: restart,
    message: (state, event) => receive(state, event.chars),
    lost: (state, _, jitter) => fail(state, jitter, []),
    refused: stay,
    fault: (state, _, jitter) => fail(state, jitter, [hangUpFor("fault")]),
    resync: (state, event, jitter) => startOver(state, event, jitter, [hangUpFor("resync")]),
    elapsed: pingOrGiveUp,
  },
  live: {
    connect: stay,
    disconnect: (state) => rest(state, [CLEAR_TIMER, HANG_UP]),
    close: (state) => end(state, [CLEAR_TIMER, HANG_UP]),
    online: (state) => to({ ...state, online: true }),
    offline: (state, _, jitter) => retry({ ...state, online: false }, jitter, [HANG_UP]),
    opened: stay,
    frame: advance,
    reset: restart,
    message: (state, event) => receive(state, event.chars),
    lost: (state, _, jitter) => fail(state, jitter, []),
    refused: stay,
    fault: (state, _, jitter) => fail(state, jitter, [hangUpFor("fault")]),
    resync: (state, event, jitter) => startOver(state, event, jitter, [hangUpFor("resync")]),
    elapsed: pingOrGiveUp,
  },
  waiting: {
    connect: (state) => open(state),
    disconnect: (state) => rest(state, [CLEAR_TIMER]),
    close: (state) => end(state, [CLEAR_TIMER]),
    online: (state, _, jitter) => retry({ ...state, online: true, failures: 0 }, jitter, []),
    offline: (state, _, jitter) => retry({ ...state, online: false }, jitter, []),
    opened: stay,
    frame: stay,
    reset: stay,
    message: stay,
    lost: stay,
    refused: (state) => giveUp(state, [CLEAR_TIMER]),
    fault: stay,
    resync: (state, event, jitter) => startOver(state, event, jitter, []),
    elapsed: (state) => open(state),
  },
  offline: {
    connect: (state) => open(state),
    disconnect: (state) => rest(state, [CLEAR_TIMER]),
    close: (state) => end(state, [CLEAR_TIMER]),
    online: (state, _, jitter) => retry({ ...state, online: true, failures: 0 }, jitter, []),
    offline: stay,
    opened: stay,
    frame: stay,
    reset: stay,
    message: stay,
    lost: stay,
    refused: (state) => giveUp(state, [CLEAR_TIMER]),
    fault: stay,
    resync: (state) => to({ ...state, since: undefined }),
    elapsed: (state) => open(state),
  },
  refused: {
    connect: (state) => open(state),
    disconnect: (state) => rest(state, []),
    close: (state) => end(state, []),
    online: (state) => to({ ...state, online: true }),
    offline: (state) => to({ ...state, online: false }),
    opened: stay,
    frame: stay,
    reset: stay,
    message: stay,
    lost: stay,
    refused: stay,
    fault: stay,
    resync: (state) => to({ ...state, since: undefined }),
    elapsed: stay,
  },
  closed: {
    connect: stay,
    disconnect: stay,
    close: stay,
    online: stay,
    offline: stay,
    opened: stay,
    frame: stay,
    reset: stay,
    message: stay,
    lost: stay,
    refused: stay,
    fault: stay,
    resync: stay,
    elapsed: stay,
  },
};

/** @param jitter from 0 to 1, exclusive; spreads the waiting */
export function transition(state: ConnectionState, event: ConnectionEvent, jitter: number): Transition {
  // The table's type pairs each handler with its own state and event; looking one up by both forgets that.
  const handle = stateTransitionTable[state.kind][event.type] as (
    state: ConnectionState,
    event: ConnectionEvent,
    jitter: number,
  ) => Transition;
  return handle(state, event, jitter);
}

function stay(state: ConnectionState): Transition {
  return { state, effects: [] };
}

function to(state: ConnectionState): Transition {
  return { state, effects: [] };
}

function carried({ since, online, failures }: Carried): Carried {
  return { since, online, failures };
}

function open(state: Carried): Transition {
  return {
    state: { ...carried(state), kind: "connecting" },
    effects: [
      { type: "open-socket", since: state.since },
      { type: "set-timer", ms: OPEN_TIMEOUT_MS },
    ],
  };
}

function rest(state: Carried, effects: readonly ConnectionEffect[]): Transition {
  return { state: { ...carried(state), kind: "idle", failures: 0 }, effects };
}

function giveUp(state: Carried, effects: readonly ConnectionEffect[]): Transition {
  return { state: { ...carried(state), kind: "refused", failures: 0 }, effects };
}

function end(state: Carried, effects: readonly ConnectionEffect[]): Transition {
  return { state: { ...carried(state), kind: "closed" }, effects };
}

function fail(state: Carried, jitter: number, effects: readonly ConnectionEffect[]): Transition {
  return retry({ ...state, failures: state.failures + 1 }, jitter, effects);
}

function startOver(
  state: Carried,
  event: EventOf<"resync">,
  jitter: number,
  effects: readonly ConnectionEffect[],
): Transition {
  const failures = Math.max(state.failures, event.failures);
  return retry({ ...state, since: undefined, failures }, jitter, effects);
}

/** Without a network only the odd look; with one, sooner the fewer failures there were. */
function retry(state: Carried, jitter: number, effects: readonly ConnectionEffect[]): Transition {
  const ms = state.online ? backoffMs(state.failures, jitter) : Math.floor(jitter * BACKOFF_CAP_MS);
  const kind = state.online ? "waiting" : "offline";
  return { state: { ...carried(state), kind }, effects: [...effects, { type: "set-timer", ms }] };
}

type OpenState = StateOf<"catching-up" | "live">;

function advance(state: OpenState, { offset, more, chars }: EventOf<"frame">): Transition {
  const kind = more ? "catching-up" : "live";
  return receive({ ...state, kind, since: offset, failures: 0 }, chars, more);
}

function restart(state: OpenState, { chars }: EventOf<"reset">): Transition {
  return receive({ ...state, kind: "catching-up", since: undefined }, chars);
}

/** Whatever comes shows that the other side lives, also where it is late with the `pong`. */
function receive(state: OpenState, chars: number, seenNow = false): Transition {
  const unseenChars = state.unseenChars + chars;
  const seen = seenNow || unseenChars >= SEEN_INTERVAL_CHARS;
  const session: Session = { ...state, awaitingPong: false, unseenChars: seen ? 0 : unseenChars };
  const effects: ConnectionEffect[] = seen ? [SEEN] : [];
  if (state.awaitingPong) effects.push({ type: "set-timer", ms: PING_INTERVAL_MS });
  return { state: { ...session, kind: state.kind }, effects };
}

function pingOrGiveUp(state: OpenState, _: EventOf<"elapsed">, jitter: number): Transition {
  if (state.awaitingPong) return fail(state, jitter, [hangUpFor("timeout")]);
  return {
    state: { ...state, awaitingPong: true },
    effects: [PING, { type: "set-timer", ms: PONG_TIMEOUT_MS }],
  };
}

function hangUpFor(reason: "fault" | "resync" | "timeout"): ConnectionEffect {
  return { type: "close-socket", code: CLOSE_FAULT, reason };
}
