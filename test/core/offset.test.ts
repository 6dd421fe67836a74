import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatOffset, isNothing, NOTHING, parseOffset } from "../../src/core/offset.ts";

describe("offsets", () => {
  test("[C1] are read as they were written", () => {
    const epoch = fc.stringMatching(/^[0-9a-z]{1,32}$/);
    fc.assert(
      fc.property(epoch, fc.maxSafeNat(), (name, sequence) => {
        expect(parseOffset(formatOffset({ epoch: name, sequence }))).toEqual({ epoch: name, sequence });
      }),
    );
    expect(parseOffset(`${"z".repeat(32)}:${Number.MAX_SAFE_INTEGER}`)).toBeDefined();
  });

  const noOffsets = [
    "",
    ":",
    "e",
    "e:",
    ":1",
    "e:01",
    "e:-1",
    "e:+1",
    "e:1.0",
    "e:1e3",
    "e:0x1",
    "e: 1",
    " e:1",
    "e:1 ",
    "e:1\n",
    "E:1",
    "\u00e9:1",
    "e:f:1",
    "e:\u0661",
    `${"z".repeat(33)}:1`,
    "e:9007199254740992",
    "e:99999999999999999",
  ];
  test.each(noOffsets)("[C1] %j is none", (text) => {
    expect(parseOffset(text)).toBeUndefined();
  });

  test("[C2] nothing is 0:0 and nothing else", () => {
    expect(formatOffset(NOTHING)).toBe("0:0");
    expect(isNothing({ epoch: "0", sequence: 0 })).toBe(true);
    expect(isNothing({ epoch: "0", sequence: 1 })).toBe(false);
    expect(isNothing({ epoch: "e", sequence: 0 })).toBe(false);
  });
});
