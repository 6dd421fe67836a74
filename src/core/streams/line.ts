/**
 * The line codec: text to events, byte for byte. A line that is no event comes out as a dead letter with its reason, and
 * never stops those after it.
 */
import { utf8Length } from "../text.ts";

/** A line with its ending is at most this and the ending, in bytes of UTF-8. */
export const LINE_BYTES_MAX = 1_024;
/** A user in a line, in bytes of UTF-8. */
export const LINE_USER_BYTES_MAX = 256;

/** Follow, unfollow, broadcast, private message, status update. */
export type EventType = "F" | "U" | "B" | "P" | "S";

export interface StreamEvent {
  readonly sequence: number;
  readonly type: EventType;
  /** Empty for a broadcast. */
  readonly from: string;
  /** Empty for a broadcast and a status update. */
  readonly to: string;
  /** As it came, without its ending; this is what users are told. */
  readonly line: string;
}

export type DeadReason = "malformed" | "unknown_type" | "too_late";

export interface DeadLine {
  readonly reason: DeadReason;
  readonly line: string;
}

export interface Lines {
  /** In the order of their lines. */
  readonly events: readonly StreamEvent[];
  readonly dead: readonly DeadLine[];
  /** Of both kinds together; empty lines are no lines. */
  readonly count: number;
}

/** How many fields a line of each type has. */
const FIELDS: Readonly<Record<EventType, number>> = { F: 4, U: 4, B: 2, P: 4, S: 3 };
const FIELDS_MIN = 2;
const FIELDS_MAX = 4;

const CARRIAGE_RETURN = 0x0d;
const PIPE = 0x7c;

/** @param text lines ended by LF or CRLF; the last need not be ended */
export function readLines(text: string): Lines {
  const events: StreamEvent[] = [];
  const dead: DeadLine[] = [];
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const next = found === -1 ? text.length : found;
    const end = next > start && text.charCodeAt(next - 1) === CARRIAGE_RETURN ? next - 1 : next;
    if (end > start) {
      const line = text.slice(start, end);
      const event = parseLine(line);
      if (typeof event === "string") dead.push({ reason: event, line });
      else events.push(event);
    }
    start = next + 1;
  }
  return { events, dead, count: events.length + dead.length };
}

/** How many lines `text` has that are not empty. */
export function countLines(text: string): number {
  let count = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const next = found === -1 ? text.length : found;
    if (next > start && !(next === start + 1 && text.charCodeAt(start) === CARRIAGE_RETURN)) count += 1;
    start = next + 1;
  }
  return count;
}

/** The event of one line without its ending, or why it is none. */
export function parseLine(line: string): StreamEvent | "malformed" | "unknown_type" {
  const { length } = line;
  if (length > LINE_BYTES_MAX) return "malformed";
  let isAscii = true;
  let fields = 1;
  let [first, second, third] = [length, length, length];
  for (let index = 0; index < length; index++) {
    const unit = line.charCodeAt(index);
    if (unit === PIPE) {
      if (fields === 1) first = index;
      else if (fields === 2) second = index;
      else third = index;
      fields += 1;
    } else if (unit > 0x7e) {
      if (unit <= 0x9f) return "malformed";
      isAscii = false;
    } else if (unit < 0x20) return "malformed";
  }
  if (fields < FIELDS_MIN || fields > FIELDS_MAX || second !== first + 2) return "malformed";
  if (!isAscii && (!line.isWellFormed() || utf8Length(line) > LINE_BYTES_MAX)) return "malformed";

  const sequence = parseSequence(line, first);
  const from = line.slice(second + 1, third);
  const to = line.slice(third + 1);
  if (sequence === undefined || (fields > 2 && !isUser(from)) || (fields > 3 && !isUser(to))) return "malformed";
  const type = line.charAt(first + 1);
  if (!isEventType(type)) return /[A-Za-z]/.test(type) ? "unknown_type" : "malformed";
  return FIELDS[type] === fields ? { sequence, type, from, to, line } : "malformed";
}

/** The number in the first `end` digits of `line`, if it is from 1 to the greatest safe integer. */
function parseSequence(line: string, end: number): number | undefined {
  let sequence = 0;
  for (let index = 0; index < end; index++) {
    const digit = line.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    sequence = sequence * 10 + digit;
  }
  return sequence >= 1 && sequence <= Number.MAX_SAFE_INTEGER ? sequence : undefined;
}

/** What else a name may not have was looked for in the line. */
function isUser(text: string): boolean {
  if (text.length === 0 || text.length > LINE_USER_BYTES_MAX) return false;
  return text.length * 3 <= LINE_USER_BYTES_MAX || utf8Length(text) <= LINE_USER_BYTES_MAX;
}

function isEventType(text: string): text is EventType {
  return text.length === 1 && "FUBPS".includes(text);
}
