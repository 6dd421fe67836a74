import { describe, expect, it } from "vitest";
import { gapOutlook, gapWords, lineWords, lossWords, sentWords } from "../../../src/viewer/streams/stream-words.ts";

const NONE = {
  follow: 0,
  unfollow: 0,
  broadcast: 0,
  private: 0,
  status: 0,
  gaps: 0,
  skipped: 0,
  duplicates: 0,
  dead_letters: 0,
};

describe("a stream in words", () => {
  it("names what is missing", () => {
    expect(gapWords({ from: 7, to: 7 })).toBe("7");
    expect(gapWords({ from: 7, to: 12_000 })).toBe("7 to 12,000");
  });

  it("says what will become of it", () => {
    const gap = { from: 7, to: 9, seen: 1_000, due: 2_500 };
    expect(gapOutlook(null, 1_000)).toBe("Nothing is missing");
    expect(gapOutlook(gap, 1_000)).toBe("Missing; skipped in 2 s");
    expect(gapOutlook(gap, 2_499)).toBe("Missing; skipped in 1 s");
    expect(gapOutlook(gap, 2_500)).toBe("Missing; about to be skipped");
    expect(gapOutlook({ ...gap, due: null }, 9_000)).toBe("Missing; waits until it comes");
  });

  it("says what was lost, if anything was", () => {
    expect(lossWords(NONE)).toBe("None skipped, no dead letters");
    expect(lossWords({ ...NONE, skipped: 1 })).toBe("1 number skipped");
    expect(lossWords({ ...NONE, skipped: 2_000, dead_letters: 3 })).toBe("2,000 numbers skipped, 3 dead letters");
  });

  it("says what became of a line", () => {
    const answer = { cursor: 5, buffered: 1, duplicates: 0, dead_letters: 0 };
    expect(sentWords("005|B", answer)).toBe("processed");
    expect(sentWords("6|B", answer)).toBe("waits");
    expect(sentWords("5|B", { ...answer, duplicates: 1 })).toBe("a duplicate");
    expect(sentWords("5|B", { ...answer, dead_letters: 1 })).toBe("too late");
  });

  it("says who did what", () => {
    const lines = ["1|F|60|50", "2|B", "3|P|32|56", "4|S|é"];
    expect(lines.map(lineWords)).toEqual([
      "followed by 60",
      "broadcast",
      "private message of 32",
      "status update of é",
    ]);
  });
});
