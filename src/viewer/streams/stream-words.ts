/** A stream's figures and lines in words. */
import type { IngestAnswer, StatusAnswer } from "../../protocol/streams.ts";
import { count, counted } from "../count-words.ts";

type Gap = NonNullable<StatusAnswer["gap"]>;

/** The numbers that a stream waits for. */
export function gapWords({ from, to }: Pick<Gap, "from" | "to">): string {
  return from === to ? count(from) : `${count(from)} to ${count(to)}`;
}

/** What will become of the hole at which a stream stands. */
export function gapOutlook(gap: Gap | null, nowMs: number): string {
  if (gap === null) return "Nothing is missing";
  if (gap.due === null) return "Missing; waits until it comes";
  const seconds = Math.ceil((gap.due - nowMs) / 1000);
  return seconds > 0 ? `Missing; skipped in ${count(seconds)} s` : "Missing; about to be skipped";
}

/** What was lost so far, if anything was. */
export function lossWords({ skipped, dead_letters: dead }: StatusAnswer["totals"]): string {
  const parts = [
    ...(skipped > 0 ? [`${counted(skipped, "number")} skipped`] : []),
    ...(dead > 0 ? [counted(dead, "dead letter")] : []),
  ];
  return parts.length === 0 ? "None skipped, no dead letters" : parts.join(", ");
}

/** What became of one line that was sent. */
export function sentWords(line: string, { cursor, duplicates, dead_letters: dead }: IngestAnswer): string {
  if (dead > 0) return "too late";
  if (duplicates > 0) return "a duplicate";
  return Number.parseInt(line, 10) <= cursor ? "processed" : "waits";
}

/** What a line tells a user: who did what. */
export function lineWords(line: string): string {
  const [, type = "", from = ""] = line.split("|");
  switch (type) {
    case "F":
      return `followed by ${from}`;
    case "B":
      return "broadcast";
    case "P":
      return `private message of ${from}`;
    case "S":
      return `status update of ${from}`;
    default:
      return "event";
  }
}
