import { describe, expect, test } from "vitest";
import { readCountFrame } from "../../../src/client/counters/count-frames.ts";
import { readSetFrame } from "../../../src/client/sets/set-frames.ts";

const count = { type: "count", tenant: "acme", count: 2, offset: "e:2" };

describe("a reader of frames", () => {
  test("[R5] ignores types and keys that later servers may have", () => {
    for (const type of ["later", "", "constructor", "__proto__", "changes"]) {
      expect(readCountFrame({ ...count, type }), type).toEqual({ kind: "unknown" });
    }
    expect(readCountFrame({ ...count, later: 1 })).toEqual(readCountFrame(count));
  });

  test("says of a frame what it is to the connection", () => {
    expect(readCountFrame(count)).toEqual({ kind: "frame", frame: count, offset: "e:2", more: false });
    expect(readCountFrame({ type: "reset" })).toEqual({ kind: "reset", frame: { type: "reset" } });
    const changes = { type: "changes", offset: "e:1", size: 0, digest: "0".repeat(16), changes: [], more: true };
    expect(readSetFrame(changes)).toEqual({ kind: "frame", frame: changes, offset: "e:1", more: true });
    const ack = { type: "ack", id: 1, offset: "e:1", size: 0, digest: "0".repeat(16), verdicts: [] };
    expect(readSetFrame(ack)).toEqual({ kind: "message", frame: ack });
  });

  test.each([null, [], "count", 1, {}, { type: 1 }, { ...count, count: "2" }, { ...count, offset: "2" }])(
    "finds %j garbled",
    (json) => {
      expect(readCountFrame(json)).toEqual({ kind: "garbled" });
    },
  );
});
