/** The state of a live connection in words and a tone. Colour only repeats what the words say. */
import type { ConnectionStateKind, WeirError } from "../client/index.ts";

export interface ConnectionStatus {
  readonly kind: ConnectionStateKind;
  /** It was connected, or tried to be, before. */
  readonly again: boolean;
  /** When the next attempt is due, in milliseconds since the Unix epoch. */
  readonly retryAtMs?: number | undefined;
  /** Why the server doesn't let the page in. */
  readonly refusal?: Pick<WeirError, "code" | "detail"> | undefined;
}

export interface ConnectionWords {
  readonly tone: "good" | "busy" | "bad" | "off";
  readonly label: string;
  /** What happens next, or what it means; may be empty. */
  readonly detail: string;
  /** What the button beside it does. */
  readonly act: "connect" | "disconnect";
  readonly actLabel: string;
}

const RECONNECT = { act: "connect", actLabel: "Reconnect now" } as const;
const WORK_OFFLINE = { act: "disconnect", actLabel: "Work offline" } as const;

type Said = Omit<ConnectionWords, "detail"> & Partial<Pick<ConnectionWords, "detail">>;

const WORDS: Readonly<Record<ConnectionStateKind, Said>> = {
  live: { tone: "good", label: "Live", ...WORK_OFFLINE },
  "catching-up": { tone: "busy", label: "Catching up", ...WORK_OFFLINE },
  connecting: { tone: "busy", label: "Connecting", ...WORK_OFFLINE },
  waiting: { tone: "busy", label: "Reconnecting", ...RECONNECT },
  offline: { tone: "bad", label: "Offline", detail: "no network", ...RECONNECT },
  idle: { tone: "off", label: "Offline", detail: "by choice", ...RECONNECT },
  refused: { tone: "bad", label: "Not let in", act: "connect", actLabel: "Try again" },
  closed: { tone: "off", label: "Closed", ...RECONNECT },
};

export function connectionWords({ kind, again, retryAtMs }: ConnectionStatus, nowMs: number): ConnectionWords {
  // An attempt among others looks like the wait for it, so that the button doesn't change under the hand.
  if (kind === "connecting" && again) return { ...WORDS.waiting, detail: "now" };
  const detail = kind === "waiting" ? countdown(retryAtMs, nowMs) : "";
  return { detail, ...WORDS[kind] };
}

/** Rounded up, so that it doesn't say 0 while there is time left. */
function countdown(retryAtMs: number | undefined, nowMs: number): string {
  if (retryAtMs === undefined) return "";
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  return seconds > 0 ? `in ${seconds} s` : "now";
}
