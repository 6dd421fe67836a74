/** Between a stream's records in the core and as lines of an export. */
import type { StreamHead } from "../../core/streams/stream-store.ts";
import type { StreamRecord } from "../../core/streams/stream-transfer.ts";
import type { StreamHeadLine, StreamRecordLine } from "../../protocol/stream-transfer.ts";
import { toDeadLetter, toOptions, toOptionsAnswer } from "./stream-answers.ts";
import { DEFAULT_STREAM_OPTIONS } from "../../core/streams/stream-options.ts";

export function toRecordLine(record: StreamRecord): StreamRecordLine {
  switch (record.kind) {
    case "graph":
      return { graph: record.text };
    case "segment":
      return { log: { ...record.segment } };
    case "gaps":
      return { gaps: [...record.bounds] };
    case "dead letters":
      return { dead_letters: record.letters.map(toDeadLetter) };
    case "held":
      return { held: { id: record.lines.id, seen_ms: record.lines.seenMs, text: record.lines.text } };
    case "head":
      return { head: toHeadLine(record.head) };
    default:
      return record satisfies never;
  }
}

/** @throws if `line` has none of its keys, which its schema has refused */
export function toRecord({ graph, log, gaps, dead_letters: letters, held, head }: StreamRecordLine): StreamRecord {
  if (graph !== undefined) return { kind: "graph", text: graph };
  if (log !== undefined) return { kind: "segment", segment: log };
  if (gaps !== undefined) return { kind: "gaps", bounds: gaps };
  if (letters !== undefined) {
    return {
      kind: "dead letters",
      letters: letters.map(({ id, at, reason, line }) => ({ id, atMs: at, reason, line })),
    };
  }
  if (held !== undefined) return { kind: "held", lines: { id: held.id, seenMs: held.seen_ms, text: held.text } };
  if (head !== undefined) return { kind: "head", head: toHead(head) };
  throw new Error("A record of a stream that is none");
}

function toHeadLine({ options, cursor, oldest, log, checkpoint, totals }: StreamHead): StreamHeadLine {
  const { deadLetters, ...counted } = totals;
  return {
    options: toOptionsAnswer(options),
    cursor,
    oldest,
    log: { ...log },
    checkpoint,
    totals: { ...counted, dead_letters: deadLetters },
  };
}

function toHead({ options, cursor, oldest, log, checkpoint, totals }: StreamHeadLine): StreamHead {
  const { dead_letters: deadLetters, ...counted } = totals;
  return {
    options: { ...DEFAULT_STREAM_OPTIONS, ...toOptions(options) },
    cursor,
    oldest,
    log,
    checkpoint,
    totals: { ...counted, deadLetters },
  };
}
