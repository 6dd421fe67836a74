/** Builds the frames that tell a gateway of events: bounded in size, with the connections that each event is for. */
import type { StreamEvent } from "../../core/streams/line.ts";

/** UTF-16 code units of one frame; each is at most 3 bytes of the 4 MiB that a message may have. */
const FRAME_UNITS_MAX = 512 << 10;
/** What a number in a list takes, roughly. */
const ID_UNITS = 7;
const FRAME_UNITS = 64;

export class GatewayFrames {
  readonly #replay: readonly number[] | undefined;
  #texts: string[] = [];
  #events: string[] = [];
  #to: (readonly number[] | null)[] = [];
  #last = 0;
  #frameUnits = 0;
  #units = 0;

  /** @param replay the connections that the frames are a replay for */
  constructor(replay?: readonly number[]) {
    this.#replay = replay;
  }

  get units(): number {
    return this.#units;
  }

  add({ sequence, line }: StreamEvent, ids: readonly number[] | null): void {
    this.#events.push(line);
    this.#to.push(ids);
    this.#last = sequence;
    this.#count(line.length + (ids?.length ?? 1) * ID_UNITS);
    if (this.#frameUnits > FRAME_UNITS_MAX) this.#cut(sequence);
  }

  skip(from: number, to: number): void {
    if (this.#events.length > 0) this.#cut(this.#last);
    this.#texts.push(JSON.stringify({ type: "gap", from, to }));
    this.#units += FRAME_UNITS;
  }

  /** All frames since the last time, of which the last brings to `cursor`; none if there was nothing to tell. */
  take(cursor: number): readonly string[] {
    if (this.#events.length > 0 || this.#texts.length > 0) this.#cut(cursor);
    const texts = this.#texts;
    this.clear();
    return texts;
  }

  clear(): void {
    this.#texts = [];
    this.#events = [];
    this.#to = [];
    this.#frameUnits = 0;
    this.#units = 0;
  }

  #count(units: number): void {
    this.#frameUnits += units;
    this.#units += units;
  }

  #cut(cursor: number): void {
    const frame = { type: "events", cursor, events: this.#events, to: this.#to };
    this.#texts.push(JSON.stringify(this.#replay === undefined ? frame : { ...frame, replay: this.#replay }));
    this.#events = [];
    this.#to = [];
    this.#frameUnits = 0;
  }
}
