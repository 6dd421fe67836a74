/** How fast a count grew lately. */
import { describe, expect, it } from "vitest";
import { RateMeter, rateWords } from "../../src/viewer/rate-meter.ts";

describe("a rate", () => {
  it("is the growth over the last ten seconds, and falls when nothing comes", () => {
    const meter = new RateMeter();
    meter.push(5_000, 0);
    expect(meter.perSecond(0)).toBe(0);
    meter.push(5_100, 1_000);
    expect(meter.perSecond(1_000)).toBe(10);
    meter.push(5_150, 6_000);
    expect(meter.perSecond(6_000)).toBe(15);
    expect(meter.perSecond(10_999)).toBe(15);
    expect(meter.perSecond(11_000)).toBe(5);
    expect(meter.perSecond(16_000)).toBe(0);
    meter.push(5_151, 60_000);
    expect(meter.perSecond(60_000)).toBe(0.1);
  });

  it("loses nothing of counts that come very close together", () => {
    const meter = new RateMeter();
    for (let count = 0; count <= 1_000; count++) meter.push(count, count);
    expect(meter.perSecond(1_000)).toBe(100);
  });

  it("knows nothing of what was gained while nobody looked, or of before it was erased", () => {
    const meter = new RateMeter();
    meter.push(1, 0);
    meter.clear();
    meter.push(1_000, 1_000);
    expect(meter.perSecond(1_000)).toBe(0);
    meter.push(0, 2_000);
    meter.push(10, 3_000);
    expect(meter.perSecond(3_000)).toBe(1);
  });

  it("has one digit where that says something", () => {
    expect([0, 0.1, 2, 12.34, 1_234.5].map(rateWords)).toEqual(["0/s", "0.1/s", "2.0/s", "12/s", "1,235/s"]);
  });
});
