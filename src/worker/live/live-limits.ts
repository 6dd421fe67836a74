/** The bounds of an object's live connections. How many there may be is part of the contract; the rest is how they are kept. */
import { limits } from "../../protocol/limits.ts";
import type { Env } from "../env.ts";
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
  /** Between two comments on an event stream on which nothing happens. */
  readonly keepAliveMs: number;
  /** What one connection may send; a sixth of it at once. */
  readonly messagesPerMinute: number;
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
  messagesPerMinute: 600_000,
};

/** Six a minute are one in the time in which an allowance must be full again. */
const MESSAGES_PER_MINUTE_MIN = 6;

/** A limit that makes no sense is not taken for none: whatever needs it fails, and the log says why. */
export function liveLimits({
  SOCKET_MESSAGES_PER_MINUTE: setting,
}: Pick<Env, "SOCKET_MESSAGES_PER_MINUTE">): LiveLimits {
  if (setting === undefined) return DEFAULT_LIVE_LIMITS;
  const messagesPerMinute = /^[1-9]\d{0,8}$/.test(setting) ? Number(setting) : 0;
  if (messagesPerMinute < MESSAGES_PER_MINUTE_MIN) {
    throw new Error(`SOCKET_MESSAGES_PER_MINUTE must be a whole number from ${MESSAGES_PER_MINUTE_MIN}`);
  }
  return { ...DEFAULT_LIVE_LIMITS, messagesPerMinute };
}
