/** The bounds of an object's live connections. How many there may be is part of the contract; the rest is how they are kept. */
import { limits } from "../../protocol/limits.ts";
import type { BacklogLimits } from "./backlog.ts";

export interface LiveLimits extends BacklogLimits {
  readonly webSocketsMax: number;
  readonly eventStreamsMax: number;
  /** The shortest time between two rounds of frames. */
  readonly flushIntervalMsMin: number;
  /** Frames a second that one object may spend its processor on; the interval adapts to the number of viewers. */
  readonly framesPerSMax: number;
  /** Between two pages of a viewer that catches up, so that writes get their turn. */
  readonly catchUpIntervalMs: number;
  /** Between two looks whether viewers that were passed over have come back. */
  readonly fullIntervalMs: number;
  /** How long a viewer for whom that much waits may stay silent. The SDK pings more often. */
  readonly silenceMsMax: number;
  /** The same for one that never gave a sign of life: most likely it never will, and resuming is all it can do. */
  readonly firstSilenceMsMax: number;
  /** Comments keep proxies from closing a stream on which nothing happens, and find out that a client is gone. */
  readonly keepAliveMs: number;
}

export const DEFAULT_LIVE_LIMITS: LiveLimits = {
  webSocketsMax: limits.webSocketsMax,
  eventStreamsMax: limits.eventStreamsMax,
  flushIntervalMsMin: 50,
  framesPerSMax: 12_000,
  catchUpIntervalMs: 5,
  fullIntervalMs: 1_000,
  unansweredCharsMax: 16 << 20,
  allUnansweredCharsMax: 256 << 20,
  silenceMsMax: 30_000,
  firstSilenceMsMax: 1_000,
  keepAliveMs: 20_000,
};
