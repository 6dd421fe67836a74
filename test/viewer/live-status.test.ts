/** Several connections as one. */
import { expect, it } from "vitest";
import { WeirError } from "../../src/client/index.ts";
import type { ConnectionStateKind } from "../../src/client/index.ts";
import { liveStatus } from "../../src/viewer/live-status.ts";

function connection(kind: ConnectionStateKind, retryAtMs?: number, reconnects = 0, refusal?: WeirError) {
  return { kind, retryAtMs, reconnects, refusal };
}

it("is as good as the worst of them", () => {
  const kinds = (...all: readonly ConnectionStateKind[]) => liveStatus(all.map((kind) => connection(kind))).kind;
  expect(kinds()).toBe("idle");
  expect(kinds("live", "live")).toBe("live");
  expect(kinds("live", "catching-up", "live")).toBe("catching-up");
  expect(kinds("connecting", "catching-up")).toBe("connecting");
  expect(kinds("connecting", "waiting", "live")).toBe("waiting");
  expect(kinds("waiting", "offline")).toBe("offline");
  expect(kinds("closed", "live")).toBe("closed");
});

it("tries again when the first of them does, and is again where one is", () => {
  expect(liveStatus([connection("waiting", 500), connection("waiting", 300, 1), connection("live")])).toEqual({
    kind: "waiting",
    again: true,
    retryAtMs: 300,
  });
  expect(liveStatus([connection("live")])).toEqual({ kind: "live", again: false, retryAtMs: undefined });
});

it("is not let in where one of them is not, and says why", () => {
  const refusal = new WeirError({ code: "forbidden", detail: "No." });
  const status = liveStatus([
    connection("live"),
    connection("refused", undefined, 0, refusal),
    connection("waiting", 5),
  ]);
  expect(status).toEqual({ kind: "refused", again: false, retryAtMs: 5, refusal });
});
