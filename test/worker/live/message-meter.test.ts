import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIVE_LIMITS, liveLimits } from "../../../src/worker/live/live-limits.ts";
import { MessageMeter, REFUSALS_MAX, SAVED_UP_MS } from "../../../src/worker/live/message-meter.ts";

const NOW_MS = 1_700_000_000_000;

function kinds(meter: MessageMeter, times: number, nowMs = NOW_MS): readonly string[] {
  return Array.from({ length: times }, () => meter.admit(nowMs).kind);
}

describe("what a connection may send", () => {
  test("[O2] is a sixth of what it may in a minute, and not one more", () => {
    for (const [perMinute, atOnce] of [
      [6, 1],
      [60, 10],
      [65, 10],
      [DEFAULT_LIVE_LIMITS.messagesPerMinute, 100_000],
    ] as const) {
      const meter = new MessageMeter(perMinute);
      expect(new Set(kinds(meter, atOnce))).toEqual(new Set(["taken"]));
      expect(kinds(meter, 1)).toEqual(["refused"]);
    }
  });

  test("[O2] is as much again as the time brings, which a refusal tells", () => {
    const meter = new MessageMeter(30);
    expect(kinds(meter, 5)).not.toContain("refused");
    const refused = meter.admit(NOW_MS);
    expect(refused).toEqual({
      kind: "refused",
      problem: {
        code: "rate_limited",
        detail: "Too many messages on this connection; go on in 2 s.",
        retryAfterS: 2,
      },
    });
    expect(kinds(meter, 1, NOW_MS + 1_999)).toEqual(["refused"]);
    expect(kinds(meter, 2, NOW_MS + 2_000)).toEqual(["taken", "refused"]);
  });

  test("[O2] ends when it was told so a hundred times and goes on, and not before", () => {
    const meter = new MessageMeter(6);
    meter.admit(NOW_MS);
    expect(new Set(kinds(meter, REFUSALS_MAX))).toEqual(new Set(["refused"]));
    expect(kinds(meter, 2)).toEqual(["over", "over"]);
    expect(kinds(meter, 3, NOW_MS + SAVED_UP_MS)).toEqual(["taken", "refused", "refused"]);
  });

  test("[O3] is full again after the silence in which objects hibernate, whatever came before", () => {
    const steps = fc.array(fc.nat(400), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 6, max: 600 }), steps, (perMinute, pauses) => {
        const [meter, anew] = [new MessageMeter(perMinute), new MessageMeter(perMinute)];
        let nowMs = NOW_MS;
        for (const pauseMs of pauses) kinds(meter, 3, (nowMs += pauseMs));
        const all = Math.floor(perMinute / 6) + REFUSALS_MAX + 1;
        expect(kinds(meter, all, nowMs + SAVED_UP_MS)).toEqual(kinds(anew, all, nowMs + SAVED_UP_MS));
      }),
    );
  });
});

describe("the setting", () => {
  test("is a whole number from 6, and 600,000 unless it is set", () => {
    expect(liveLimits({}).messagesPerMinute).toBe(600_000);
    for (const setting of ["6", "60", "999999999"]) {
      expect(liveLimits({ SOCKET_MESSAGES_PER_MINUTE: setting })).toEqual({
        ...DEFAULT_LIVE_LIMITS,
        messagesPerMinute: Number(setting),
      });
    }
  });

  test.each(["5", "0", "-6", "6.5", "many", "", "1e3", "1000000000"])("is not taken for none: %j", (setting) => {
    expect(() => liveLimits({ SOCKET_MESSAGES_PER_MINUTE: setting })).toThrow("SOCKET_MESSAGES_PER_MINUTE");
  });
});
