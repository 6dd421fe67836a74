/**
 * What viewers of one user are sent: the lines that concern the user, and the holes that were skipped. A viewer that is
 * up to date is served from the user's window, any other from the log.
 */
import type { StreamEvent } from "../../core/streams/line.ts";
import type { OrderedStream } from "../../core/streams/ordered-stream.ts";
import { queryInteger } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import { refuse, refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { EventsFrame, GapFrame } from "../../protocol/stream-frames.ts";
import type { Feed, Frame, Step } from "../live/feed.ts";
import type { ConnectedUsers } from "./connected-users.ts";
import type { Notice } from "./user-window.ts";

/** A viewer of a user whom nothing concerns is told the cursor when it has gone on by so many numbers. */
export const CURSOR_LAG_MAX = 10_000;

/** Goes on from nothing: after a reset browsers must not ask for a number that is lost. */
const NO_ID = "id:\n";

const SinceSchema = queryInteger(0, Number.MAX_SAFE_INTEGER, "a sequence number");

export class UserFeed implements Feed {
  readonly #stream: () => OrderedStream;
  readonly #users: ConnectedUsers;

  /** @param stream the stream as of now; erasing puts another in its place */
  constructor(stream: () => OrderedStream, users: ConnectedUsers) {
    this.#stream = stream;
    this.#users = users;
  }

  parsePosition(text: string): Result<string> {
    const since = parse(SinceSchema, text, "since");
    if (!since.ok) return since;
    const { cursor, oldest } = this.#stream();
    if (since.value > cursor) return refuseField("since", `must not be beyond the cursor, which is ${cursor}`);
    // From the beginning, whatever that is by now.
    if (since.value === 0) return succeed(String(oldest));
    if (since.value >= oldest) return succeed(String(since.value));
    return refuse("offset_gone", `The events up to ${oldest} are no longer kept. Go on from there.`, {
      errors: [{ path: "since", message: `must be at least ${oldest}` }],
    });
  }

  head(topic: string, position: string | undefined): string {
    const { cursor, options } = this.#stream();
    if (position === undefined) return String(cursor);
    const window = this.#users.window(userOf(topic));
    const from = Number(position);
    const lagMax = Math.min(CURSOR_LAG_MAX, Math.ceil(options.retentionEvents / 4));
    const isBehind =
      window === undefined || from < window.base || window.hasAfter(from) || cursor - from > Math.max(1, lagMax);
    return isBehind ? String(cursor) : position;
  }

  step(topic: string, position: string | undefined): Step {
    const stream = this.#stream();
    const { cursor } = stream;
    const from = position === undefined ? cursor : Number(position);
    if (from < stream.oldest || from > cursor) {
      return { frames: [{ type: "reset" }], position: String(from), isLast: true };
    }
    const window = this.#users.window(userOf(topic));
    if (window !== undefined && from >= window.base) {
      return { frames: toFrames(window.after(from), cursor), position: String(cursor) };
    }
    const notices: Notice[] = [];
    const replay = stream.replay(new Map([[userOf(topic), null]]), from);
    replay.step({
      told: ({ sequence, line }: StreamEvent) => void notices.push({ sequence, told: line }),
      skipped: (first, last) => void notices.push({ sequence: last, told: [first, last] }),
    });
    return { frames: toFrames(notices, replay.position), position: String(replay.position) };
  }

  entered(topic: string): void {
    this.#users.enter(userOf(topic));
  }

  left(topic: string): void {
    this.#users.leave(userOf(topic));
  }

  flushed(): void {
    this.#users.flushed();
  }

  /** Bare lines can't tell of holes, nor of a cursor. */
  toTexts(topic: string, frames: readonly Frame[]): readonly string[] {
    if (!isLines(topic)) return frames.map((frame) => JSON.stringify(frame));
    const lines = linesOf(frames);
    return lines.length === 0 ? [] : [lines.map((line) => `${line}\n`).join("")];
  }

  toEvents(topic: string, { frames, position }: Step): string {
    if (isLines(topic)) {
      if (frames.some(({ type }) => type === "reset")) return `${NO_ID}\n`;
      const lines = linesOf(frames);
      const events = lines.map((line) => `id: ${Number.parseInt(line, 10)}\ndata: ${line}\n\n`).join("");
      // An event without data is told to nobody, but brings the client to where the next connection resumes.
      const isThere = Number.parseInt(lines.at(-1) ?? "", 10) === Number(position);
      return isThere ? events : `${events}id: ${position}\n\n`;
    }
    return frames.map((frame) => `${idOf(frame)}data: ${JSON.stringify(frame)}\n\n`).join("");
  }
}

/**
 * What viewers of `user` follow, by the query of their address: `json|ann` or `lines|ann`. The form comes first; in a line no
 * user has a `|` in its name.
 */
export function userTopic(user: string, query: URLSearchParams): string {
  return `${query.get("format") === "lines" ? "lines" : "json"}|${user}`;
}

function userOf(topic: string): string {
  return topic.slice(topic.indexOf("|") + 1);
}

function isLines(topic: string): boolean {
  return topic.startsWith("lines|");
}

function linesOf(frames: readonly Frame[]): readonly string[] {
  return frames.flatMap((frame) => (isEventsFrame(frame) ? frame.events : []));
}

function isEventsFrame(frame: Frame): frame is EventsFrame {
  return frame.type === "events";
}

/** The cursor after a frame: who has it may resume from there. */
function idOf(frame: Frame): string {
  if (frame.type === "reset") return NO_ID;
  if (isEventsFrame(frame)) return `id: ${frame.cursor}\n`;
  return frame.type === "gap" ? `id: ${(frame as GapFrame).to}\n` : "";
}

/** The last frame brings to `cursor`, and any other as far as it goes. */
function toFrames(notices: readonly Notice[], cursor: number): readonly (EventsFrame | GapFrame)[] {
  const frames: (EventsFrame | GapFrame)[] = [];
  let events: string[] = [];
  let last = 0;
  for (const { sequence, told } of notices) {
    if (typeof told === "string") {
      events.push(told);
      last = sequence;
      continue;
    }
    if (events.length > 0) frames.push({ type: "events", cursor: last, events });
    events = [];
    frames.push({ type: "gap", from: told[0], to: told[1] });
  }
  frames.push({ type: "events", cursor, events });
  return frames;
}
