/**
 * What a stream remembers of what it processed: the log, and who followed whom when. Both reach as far back as
 * retention says; the log at least as far as the checkpoint of the follow graph, for on waking the graph is put together
 * from the checkpoint and the log after it.
 */
import { FollowGraph } from "./follow-graph.ts";
import { readLines } from "./line.ts";
import type { StreamEvent } from "./line.ts";
import { LogWriter } from "./log-writer.ts";
import { Replay } from "./replay.ts";
import type { Users } from "./router.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamCommit, StreamHead, StreamStore } from "./stream-store.ts";

/** What the follows that hold may take of an object's memory, in bytes, and one more at most. */
export const GRAPH_BYTES_MAX = 80 << 20;
export const FOLLOW_BYTES_MAX = 1_024;
/** Follows that ended and are kept for replay; with more, replay reaches less far back than retention says. */
export const ENDED_FOLLOWS_MAX = 500_000;

/** The least number of changes, and of events, between two checkpoints of the follow graph. */
const CHECKPOINT_CHANGES_MIN = 10_000;
const CHECKPOINT_EVENTS_MIN = 200_000;
const LOAD_UNITS = 1 << 20;

/** A turn's part of the commit. */
export interface HistoryChange {
  readonly head: Pick<StreamHead, "oldest" | "log" | "checkpoint">;
  readonly commit: Pick<StreamCommit, "segments" | "logTrimmed" | "checkpoint">;
}

export class StreamHistory {
  readonly #store: StreamStore;
  readonly #graph = new FollowGraph();
  readonly #log = new LogWriter();
  /** Since the checkpoint. */
  #changes = 0;
  #events = 0;

  constructor(store: StreamStore, head: StreamHead | undefined) {
    this.#store = store;
    if (head !== undefined) this.#load(head);
  }

  get graph(): FollowGraph {
    return this.#graph;
  }

  /** How many follows may come, whoever they are of. */
  get followsLeft(): number {
    return Math.floor((GRAPH_BYTES_MAX - this.#graph.weight) / FOLLOW_BYTES_MAX);
  }

  /** Adds the next event. */
  add(event: StreamEvent): void {
    this.#log.add(event.sequence, event.line);
    this.#follow(event);
  }

  /** Tells `users` what came after `since`, from which history must reach. */
  replay(users: Users, since: number): Replay {
    return new Replay(this.#store, this.#graph, users, since);
  }

  /** Ends a turn, after which the stream is at `cursor`. */
  settle(former: StreamHead | undefined, options: StreamOptions, cursor: number): HistoryChange {
    const segments = this.#log.take();
    const empty = { start: options.firstSequence - 1, events: 0, units: 0 };
    const log = this.#log.retain(former?.log ?? empty, segments, options.retentionEvents, this.#store);
    const endedOver = this.#graph.endedSize - ENDED_FOLLOWS_MAX;
    const oldest = Math.max(former?.oldest ?? 0, log.start, endedOver > 0 ? this.#graph.endOf(endedOver) : 0);
    this.#graph.trim(oldest);

    const isDue = this.#isCheckpointDue();
    // A graph that has not changed is as of now.
    const isCurrent = isDue || this.#changes === 0;
    const checkpoint = isCurrent ? cursor : (former?.checkpoint ?? 0);
    if (isCurrent) {
      this.#changes = 0;
      this.#events = 0;
    }
    const trimmed = Math.min(log.start, checkpoint);
    const isTrimmed = former !== undefined && trimmed > Math.min(former.log.start, former.checkpoint);
    return {
      head: { oldest, log, checkpoint },
      commit: {
        segments,
        logTrimmed: isTrimmed ? trimmed : 0,
        ...(isDue && { checkpoint: this.#graph.checkpoint() }),
      },
    };
  }

  #load({ checkpoint, oldest }: StreamHead): void {
    this.#graph.restore(this.#store.checkpoint());
    let position = checkpoint;
    for (;;) {
      const segments = this.#store.segmentsAfter(position, LOAD_UNITS);
      const last = segments.at(-1)?.last;
      if (last === undefined) break;
      for (const { text } of segments) {
        for (const event of readLines(text).events) if (event.sequence > position) this.#follow(event);
      }
      position = last;
    }
    this.#graph.trim(oldest);
  }

  #follow({ type, from, to, sequence }: StreamEvent): void {
    this.#events += 1;
    if (type === "F" && this.#graph.follow(from, to, sequence)) this.#changes += 1;
    if (type === "U" && this.#graph.unfollow(from, to, sequence)) this.#changes += 1;
  }

  /** A checkpoint writes the whole graph, so it must be paid for by as many changes, or by events to read on waking. */
  #isCheckpointDue(): boolean {
    const size = this.#graph.size + this.#graph.endedSize;
    return (
      this.#changes > Math.max(CHECKPOINT_CHANGES_MIN, size / 2) ||
      (this.#changes > 0 && this.#events > Math.max(CHECKPOINT_EVENTS_MIN, size))
    );
  }
}
