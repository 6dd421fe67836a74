/** What may come on each kind of socket, and what must come back. A live route that is not in here fails the test that asks. */
import * as fc from "fast-check";
import * as v from "valibot";
import { EventsFrameSchema } from "../../../src/protocol/analytics.ts";
import { ItemsFrameSchema } from "../../../src/protocol/counters.ts";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { OpsBodySchema } from "../../../src/protocol/sets.ts";
import { GatewayMessageSchema } from "../../../src/protocol/stream-frames.ts";
import { hostileLines } from "./hostile-lines.ts";
import { broken, hostileValue, mutated, toJson } from "./hostile-values.ts";
import { valuesOf } from "./schema-values.ts";

export type Message = string | Uint8Array<ArrayBuffer>;

export interface Answered {
  readonly type: string;
  readonly id?: unknown;
  readonly status?: unknown;
}

export interface SocketKind {
  readonly messages: fc.Arbitrary<Message>;
  /** A message that is answered whatever came before it, and whether a frame is that answer. */
  readonly fence: (number: number) => string;
  readonly isFence: (frame: Answered, number: number, before: readonly Answered[]) => boolean;
  /** Whether nothing need come back. */
  readonly isSilent: (message: Message) => boolean;
}

const nothing: fc.Arbitrary<unknown> = fc.constant({});

/** Viewers write with the body of a request. */
function viewers(bodies: fc.Arbitrary<unknown>): SocketKind {
  const ids = fc.oneof(fc.constantFrom(1, "a", null), hostileValue);
  const frames = fc.tuple(bodies, ids).map(([body, id]) => ({ ...(body as object), type: "write", id }));
  return {
    messages: jsonMessages(frames),
    fence: (number) => JSON.stringify({ type: "fence", id: `fence ${number}` }),
    isFence: ({ type, id }, number) => type === "error" && id === `fence ${number}`,
    isSilent: (message) => message === "ping" || v.safeParse(SeenSchema, tryJson(message)).success,
  };
}

function jsonMessages(frames: fc.Arbitrary<unknown>): fc.Arbitrary<Message> {
  return fc.oneof(
    { weight: 3, arbitrary: frames.map(toJson) },
    { weight: 4, arbitrary: mutated(frames).map(toJson) },
    { weight: 2, arbitrary: broken(frames.map(toJson)) },
    { weight: 1, arbitrary: hostileValue.map(toJson) },
    { weight: 1, arbitrary: odd },
  );
}

const odd: fc.Arbitrary<Message> = fc.oneof(
  fc.constantFrom("", "ping", "pong", "null", "[]", '{"type":"seen"}', '{"type":"__proto__"}', "[".repeat(100_000)),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new Uint8Array(bytes)),
);

const gatewayFrames = fc.oneof(
  valuesOf(GatewayMessageSchema),
  hostileLines.map((lines) => ({ type: "lines", id: 1, lines })),
  fc.constantFrom({ type: "source", id: 1 }, { type: "end", id: 1 }, { type: "leave", ids: [1] }),
);

const SeenSchema = v.object({ type: v.literal("seen") });

function tryJson(message: Message): unknown {
  try {
    return JSON.parse(String(message));
  } catch {
    return undefined;
  }
}

const kinds: Readonly<Record<string, SocketKind>> = {
  setLive: viewers(valuesOf(OpsBodySchema)),
  itemsLive: viewers(valuesOf(ItemsFrameSchema)),
  analyticsLive: viewers(valuesOf(EventsFrameSchema)),
  streamUserLive: viewers(nothing),
  streamSource: {
    messages: fc
      .oneof({ weight: 9, arbitrary: hostileLines }, { weight: 1, arbitrary: odd })
      .filter((message) => message !== "ping"),
    // Each message has its own `ack`.
    fence: () => "\n",
    isFence: ({ type }, _, before) => type === "ack" && before.some((frame) => frame.type === "ack"),
    isSilent: () => false,
  },
  streamGateway: {
    messages: jsonMessages(gatewayFrames),
    fence: (number) => JSON.stringify({ type: "source", id: 1_000_000 + number }),
    isFence: ({ type, id }, number) => (type === "ack" || type === "refused") && id === 1_000_000 + number,
    isSilent: (message) => message === "ping" || v.safeParse(GatewayMessageSchema, tryJson(message)).success,
  },
};

export function socketKind(id: string, { live }: Endpoint): SocketKind {
  const kind = kinds[id];
  if (live !== true || kind === undefined) throw new Error(`${id}: nobody knows what comes on this socket`);
  return kind;
}
