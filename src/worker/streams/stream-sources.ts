/**
 * The sources of a stream, whether each has a socket of its own or is behind a gateway: how many there may be, what each
 * may send, and what it is told about it. A source is named by an object that knows how to reach it.
 */
import type { OrderedStream, Taken } from "../../core/streams/ordered-stream.ts";
import { NEW_SOURCE, SourceCredit } from "../../core/streams/source-credit.ts";
import type { SourceFigures } from "../../core/streams/source-credit.ts";
import type { AckFigures } from "../../protocol/stream-frames.ts";

/** How long a source may be silent while another wants its place. */
export const SOURCE_SILENCE_MS_MAX = 30_000;

export interface StreamSource {
  /** When the last sign of life came, in milliseconds since the Unix epoch. */
  lastHeardMs(): number;
  acknowledge(figures: AckFigures): void;
  /** Another takes its place. */
  replace(): void;
}

export class StreamSources {
  readonly #stream: () => OrderedStream;
  readonly #credit = new SourceCredit<StreamSource>();

  /** @param stream the stream as of now */
  constructor(stream: () => OrderedStream) {
    this.#stream = stream;
  }

  get size(): number {
    return this.#credit.size;
  }

  /** Whether there is a place, if need be that of a source which shows no sign of life. */
  makePlace(nowMs: number): boolean {
    if (this.#credit.size < this.#stream().options.maxSources) return true;
    for (const source of this.#credit.keys()) {
      if (nowMs - source.lastHeardMs() <= SOURCE_SILENCE_MS_MAX) continue;
      this.#credit.close(source);
      source.replace();
      return this.#credit.size < this.#stream().options.maxSources;
    }
    return false;
  }

  /** A source has come, or is there again. */
  open(source: StreamSource, figures: SourceFigures = NEW_SOURCE): void {
    this.#credit.open(source, figures);
  }

  close(source: StreamSource): void {
    this.#credit.close(source);
    // Its credit is room again. Not at once, for everyone may be about to be sent away, by a turn that failed.
    queueMicrotask(() => this.#tellWaiting(undefined));
  }

  /** How many lines it may send now; 0 if it is none. */
  credit(source: StreamSource): number {
    return this.#credit.credit(source);
  }

  figures(source: StreamSource): SourceFigures | undefined {
    return this.#credit.figures(source);
  }

  /** Lines of it were taken. Those who wait for room have it before it does, or whoever sends would keep all there is. */
  took(source: StreamSource, taken: Taken): void {
    this.#credit.took(source, taken);
    this.#tellWaiting(source);
  }

  /** How it stands, with all the credit that it can be given. */
  ackOf(source: StreamSource): AckFigures {
    const { cursor, buffered, room, options } = this.#stream();
    this.#credit.grant(source, room, options.maxSources);
    const { lines, duplicates, deadLetters, limit } = this.#credit.figures(source) ?? NEW_SOURCE;
    return { cursor, buffered, lines, duplicates, dead_letters: deadLetters, credit: limit - lines };
  }

  /** A turn is over that may have made room: tells the sources that wait for it. */
  turned(): void {
    this.#tellWaiting(undefined);
  }

  #tellWaiting(except: StreamSource | undefined): void {
    for (const source of this.#credit.keys()) {
      if (source === except || this.#credit.credit(source) > 0) continue;
      const ack = this.ackOf(source);
      if (ack.credit > 0) source.acknowledge(ack);
    }
  }
}
