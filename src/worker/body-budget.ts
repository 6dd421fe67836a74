/**
 * How much memory the bodies of all requests in this isolate may take together, from the first byte until the request is
 * answered: what was read lives on as entries while the objects are asked. A request that finds no room is refused before
 * anything of it is read, and may come again.
 *
 * Long bodies may not take all of it: what carries one event, or a few, finds room even while others send as much as they can.
 *
 * The platform may end a request whose client went away in the middle of anything, and then nothing is given back. Requests
 * with long bodies are kept going until they give back what they took; for the others, what was taken is forgotten after
 * one to two minutes, by when every request has long been answered.
 */
import type { WaitUntil } from "./wait-until.ts";

/** Of the 128 MB of an isolate; parsed, a body takes two to three times its bytes. */
const BYTES_MAX = 32 << 20;
/** What is left to short bodies. */
const RESERVED_BYTES = 8 << 20;
/** The longest that counts as short. */
export const SHORT_BODY_BYTES_MAX = 64 << 10;
const GENERATION_MS = 60_000;

/** What requests have taken that came at about the same time. */
interface Generation {
  bytes: number;
  longBytes: number;
}

export class BodyBudget {
  readonly #bytesMax: number;
  readonly #longBytesMax: number;
  #young: Generation = { bytes: 0, longBytes: 0 };
  #old: Generation = { bytes: 0, longBytes: 0 };
  #youngSinceMs = 0;

  constructor(bytesMax = BYTES_MAX, reservedBytes = RESERVED_BYTES) {
    this.#bytesMax = bytesMax;
    this.#longBytesMax = bytesMax - reservedBytes;
  }

  /** What is taken at the moment. */
  get bytes(): number {
    return this.#young.bytes + this.#old.bytes;
  }

  /** That of a request that comes now. */
  generation(nowMs: number): Generation {
    if (Math.abs(nowMs - this.#youngSinceMs) >= GENERATION_MS) {
      this.#old = this.#young;
      this.#young = { bytes: 0, longBytes: 0 };
      this.#youngSinceMs = nowMs;
    }
    return this.#young;
  }

  /** Whether there was room for so many bytes; if so they are taken. */
  take(generation: Generation, bytes: number, isLong: boolean): boolean {
    if (this.bytes + bytes > this.#bytesMax) return false;
    if (isLong && this.#young.longBytes + this.#old.longBytes + bytes > this.#longBytesMax) return false;
    generation.bytes += bytes;
    if (isLong) generation.longBytes += bytes;
    return true;
  }
}

/** The budget of this isolate. */
export const bodyBudget = new BodyBudget();

/** What one request has taken of a budget. Whoever makes a lease ends it. */
export class BodyLease {
  readonly #budget: BodyBudget;
  readonly #waitUntil: WaitUntil;
  #generation: Generation | undefined;
  #bytes = 0;
  #longBytes = 0;
  #isOver = false;
  #end: (() => void) | undefined;

  constructor(waitUntil: WaitUntil, budget: BodyBudget = bodyBudget) {
    this.#waitUntil = waitUntil;
    this.#budget = budget;
  }

  /** Takes `bytes` more, unless there is no room or the lease has ended. */
  take(bytes: number, isLong: boolean): boolean {
    if (this.#isOver) return false;
    this.#generation ??= this.#budget.generation(Date.now());
    if (!this.#budget.take(this.#generation, bytes, isLong)) return false;
    this.#bytes += bytes;
    if (isLong) this.#longBytes += bytes;
    if (isLong && this.#end === undefined) this.#waitUntil(new Promise<void>((end) => (this.#end = end)));
    return true;
  }

  end(): void {
    this.#isOver = true;
    if (this.#generation === undefined) return;
    this.#generation.bytes -= this.#bytes;
    this.#generation.longBytes -= this.#longBytes;
    this.#generation = undefined;
    this.#end?.();
  }
}
