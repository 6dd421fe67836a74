/** Instants as the page writes them. The reader's time zone is whatever this machine's is. */
import { expect, it } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { clockTime, isoTime } from "../../src/viewer/clock-time.ts";

const NOON_MS = new Date(2026, 5, 7, 12, 0, 0).getTime();

it("is the time of day on the same day, with the date on any other", () => {
  expect(clockTime(new Date(2026, 5, 7, 9, 5, 3).getTime(), NOON_MS)).toBe("09:05:03");
  expect(clockTime(new Date(2026, 5, 7, 23, 59, 59).getTime(), NOON_MS)).toBe("23:59:59");
  expect(clockTime(new Date(2026, 5, 8, 0, 0, 0).getTime(), NOON_MS)).toBe("2026-06-08 00:00");
  expect(clockTime(new Date(2025, 5, 7, 12, 0, 0).getTime(), NOON_MS)).toBe("2025-06-07 12:00");
});

it("can write every timestamp there is", () => {
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(isoTime(limits.timestampMsMax)).toBe("+275760-09-13T00:00:00.000Z");
  expect(clockTime(limits.timestampMsMax, NOON_MS)).toMatch(/^275760-09-1[23] \d\d:\d\d$/);
});
