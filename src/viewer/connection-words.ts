/** The state of a live connection in words and a tone. Colour only repeats what the words say. */
import type { ConnectionStateKind } from "../client/index.ts";

export interface ConnectionStatus {
  readonly kind: ConnectionStateKind;
  /** When the next attempt is due, in milliseconds since the Unix epoch. */
  readonly retryAtMs?: number | undefined;
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

export function connectionWords({ kind, retryAtMs }: ConnectionStatus, nowMs: number): ConnectionWords {
  switch (kind) {
    case "live":
      return { tone: "good", label: "Live", detail: "", ...WORK_OFFLINE };
    case "catching-up":
      return { tone: "busy", label: "Catching up", detail: "", ...WORK_OFFLINE };
    case "connecting":
      return { tone: "busy", label: "Connecting", detail: "", ...WORK_OFFLINE };
    case "waiting":
      return { tone: "busy", label: "Reconnecting", detail: countdown(retryAtMs, nowMs), ...RECONNECT };
    case "offline":
      return { tone: "bad", label: "Offline", detail: "no network", ...RECONNECT };
    case "idle":
      return { tone: "off", label: "Offline", detail: "by choice", act: "connect", actLabel: "Reconnect now" };
    case "closed":
      return { tone: "off", label: "Closed", detail: "", ...RECONNECT };
  }
}

/** Rounded up, so that it doesn't say 0 while there is time left. */
function countdown(retryAtMs: number | undefined, nowMs: number): string {
  if (retryAtMs === undefined) return "";
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  return seconds > 0 ? `in ${seconds} s` : "now";
}
