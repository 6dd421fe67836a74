/**
 * Hostile messages on every kind of socket. Whatever comes, it is answered or the socket is closed, with a code that blames whoever
 * sent it; and a message that is answered with an error has changed nothing.
 */
import * as fc from "fast-check";
import { createExecutionContext } from "cloudflare:test";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import { handle } from "../../../src/worker/serve.ts";
import { LiveSocket } from "../support/live-socket.ts";
import { expectProblemBody } from "./fair-answer.ts";
import { explore, FUZZ_TIMEOUT_MS, fuzzSeed, isSoak } from "./fuzz-budget.ts";
import { socketKind } from "./fuzzed-sockets.ts";
import type { Answered, Message, SocketKind } from "./fuzzed-sockets.ts";
import { fuzzedEnv, WatchedState } from "./watched-state.ts";

const RUNS = 20;
const MESSAGES_MAX = 8;
const ANSWER_MS_MAX = 15_000;

/** What a message may be at fault for: its kind, its sense, its size, or that its echo can't be made. */
const CLOSES = [1003, 1008, 1009, 1011];

const state = new WatchedState();
const faults = vi.spyOn(console, "error").mockImplementation(() => {});
let sent = 0;
let closed = 0;
let refused = 0;

afterAll(() => {
  // oxlint-disable-next-line no-console -- what a soak is for
  if (isSoak) console.info(`${sent} messages from seed ${fuzzSeed()}; ${refused} refused, ${closed} sockets closed`);
  expect(Math.min(sent, refused, closed)).toBeGreaterThan(0);
});

const PATHS: Readonly<Record<string, string>> = { set: "a", tenant: "a", stream: "a", user: "a" };

async function connect({ path }: Endpoint): Promise<LiveSocket> {
  const url = `http://weir${path.replaceAll(/:(\w+)/g, (_, name: string) => PATHS[name] ?? "")}`;
  const request = new Request(url, { headers: { Upgrade: "websocket" } });
  const response = await handle(request, fuzzedEnv, createExecutionContext());
  expect(response.status).toBe(101);
  return new LiveSocket(response.webSocket!);
}

function isAnswer({ type }: Answered): boolean {
  return ["ack", "error", "refused", "joined", "ended"].includes(type);
}

/**
 * Frames until a message and the fence after it are answered, in whichever order; `undefined` if the socket was closed before.
 */
async function untilAnswered(
  socket: LiveSocket,
  kind: SocketKind,
  message: Message,
  number: number,
): Promise<readonly Answered[] | undefined> {
  const frames: Answered[] = [];
  const end = socket.closed.then(() => undefined);
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`));
    timer = setTimeout(fail, ANSWER_MS_MAX);
  });
  try {
    for (let isFenced = false; !isFenced || !(kind.isSilent(message) || frames.some(isAnswer));) {
      const text = await Promise.race([socket.nextText(), end, late]);
      if (text === undefined) return undefined;
      if (text === "pong") continue;
      const frame = JSON.parse(text) as Answered;
      if (kind.isFence(frame, number, frames)) isFenced = true;
      else frames.push(frame);
    }
    return frames;
  } finally {
    clearTimeout(timer);
  }
}

async function trySession(endpoint: Endpoint, kind: SocketKind, messages: readonly Message[]): Promise<void> {
  faults.mockClear();
  await state.remember();
  const socket = await connect(endpoint);
  // The first frame, or the first leave to send, comes by itself; a gateway is sent none.
  if (!endpoint.path.endsWith("/gateway")) await socket.nextText();
  try {
    for (const [number, message] of messages.entries()) {
      const before = await state.snapshot();
      socket.socket.send(message);
      socket.socket.send(kind.fence(number));
      sent += 1;
      const frames = await untilAnswered(socket, kind, message, number);
      expect(faults.mock.calls.flat()).toEqual([]);
      if (frames === undefined) {
        closed += 1;
        expect(CLOSES).toContain((await socket.closed).code);
        return;
      }
      const errors = frames.filter(({ type }) => type === "error");
      for (const { id: _, type: __, ...problem } of errors) {
        expectProblemBody({ type: "", ...problem }, Number(problem.status));
        expect(Number(problem.status)).toBeLessThan(500);
      }
      if (errors.length > 0) expect(await state.snapshot()).toBe(before);
      refused += errors.length;
    }
  } finally {
    await socket.close();
  }
}

const live = Object.entries<Endpoint>(endpoints).filter(([, endpoint]) => endpoint.live === true);

describe.each(live)("[R7] the socket of %s", (id, endpoint) => {
  it("survives any messages", { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const kind = socketKind(id, endpoint);
    const session = fc.array(kind.messages, { minLength: 1, maxLength: MESSAGES_MAX });
    await explore(
      fc.asyncProperty(session, (messages) => trySession(endpoint, kind, messages)),
      RUNS,
      1 / live.length,
    );
  });
});
