/** What the page says of its connection. */
import { describe, expect, it } from "vitest";
import type { ConnectionStateKind } from "../../src/client/index.ts";
import { connectionWords } from "../../src/viewer/connection-words.ts";

const KINDS: readonly ConnectionStateKind[] = [
  "idle",
  "connecting",
  "catching-up",
  "live",
  "waiting",
  "offline",
  "refused",
  "closed",
];

function said(kind: ConnectionStateKind, again = false, retryAtMs?: number): string {
  const { label, detail } = connectionWords({ kind, again, retryAtMs }, 10_000);
  return `${label} ${detail}`.trim();
}

describe("the connection in words", () => {
  it("has words for every state, and a button that does something about it", () => {
    expect(Object.fromEntries(KINDS.map((kind) => [kind, said(kind)]))).toEqual({
      idle: "Offline by choice",
      connecting: "Connecting",
      "catching-up": "Catching up",
      live: "Live",
      waiting: "Reconnecting",
      offline: "Offline no network",
      refused: "Not let in",
      closed: "Closed",
    });
    const acts = KINDS.map((kind) => connectionWords({ kind, again: false }, 0).act);
    expect(acts).toEqual([
      "connect",
      "disconnect",
      "disconnect",
      "disconnect",
      "connect",
      "connect",
      "connect",
      "connect",
    ]);
  });

  it("counts down in whole seconds, and never says 0 while there is time", () => {
    expect(said("waiting", true, 13_999)).toBe("Reconnecting in 4 s");
    expect(said("waiting", true, 10_001)).toBe("Reconnecting in 1 s");
    expect(said("waiting", true, 10_000)).toBe("Reconnecting now");
    expect(said("waiting", true, 9_000)).toBe("Reconnecting now");
  });

  it("keeps the button the same between waiting and trying again", () => {
    const waiting = connectionWords({ kind: "waiting", again: true }, 0);
    const trying = connectionWords({ kind: "connecting", again: true }, 0);
    expect([trying.label, trying.act, trying.actLabel]).toEqual([waiting.label, waiting.act, waiting.actLabel]);
  });
});
