/** Between what the core says of a stream and what goes over the wire. */
import type { OrderedStream, Taken } from "../../core/streams/ordered-stream.ts";
import type { StreamOptions } from "../../core/streams/stream-options.ts";
import type { StoredDeadLetter } from "../../core/streams/stream-store.ts";
import type {
  DeadLetter,
  IngestAnswer,
  StatusAnswer,
  StreamOptionsAnswer,
  StreamOptionsBody,
} from "../../protocol/streams.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Those that the body names. */
export function toOptions(body: StreamOptionsBody): Partial<StreamOptions> {
  const options: Partial<Mutable<StreamOptions>> = {};
  if (body.event_timeout_ms !== undefined) options.eventTimeoutMs = body.event_timeout_ms;
  if (body.max_sources !== undefined) options.maxSources = body.max_sources;
  if (body.max_users !== undefined) options.maxUsers = body.max_users;
  if (body.max_buffered !== undefined) options.maxBuffered = body.max_buffered;
  if (body.retention_events !== undefined) options.retentionEvents = body.retention_events;
  if (body.first_sequence !== undefined) options.firstSequence = body.first_sequence;
  return options;
}

export function toOptionsAnswer(options: StreamOptions): StreamOptionsAnswer {
  return {
    event_timeout_ms: options.eventTimeoutMs,
    max_sources: options.maxSources,
    max_users: options.maxUsers,
    max_buffered: options.maxBuffered,
    retention_events: options.retentionEvents,
    first_sequence: options.firstSequence,
  };
}

export function toIngestAnswer(stream: OrderedStream, taken: Taken): IngestAnswer {
  return {
    cursor: stream.cursor,
    buffered: stream.buffered,
    duplicates: taken.duplicates,
    dead_letters: taken.deadLetters,
  };
}

export function toStatus(stream: OrderedStream, sources: number, users: number, nowMs: number): StatusAnswer {
  const gap = stream.gap(nowMs);
  const { deadLetters, ...totals } = stream.totals;
  return {
    cursor: stream.cursor,
    oldest: stream.oldest,
    buffered: stream.buffered,
    gap: gap === undefined ? null : { from: gap.from, to: gap.to, seen: gap.seenMs, due: gap.dueMs ?? null },
    sources,
    users,
    follows: stream.follows,
    totals: { ...totals, dead_letters: deadLetters },
    options: toOptionsAnswer(stream.options),
  };
}

export function toDeadLetter({ id, atMs, reason, line }: StoredDeadLetter): DeadLetter {
  return { id, at: atMs, reason, line };
}
