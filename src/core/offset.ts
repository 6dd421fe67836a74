/**
 * Offsets: how far a viewer has followed a thing. On the wire `"<epoch>:<sequence>"`, opaque to clients.
 *
 * The epoch names one history of the thing: erasing and writing it again starts another, and so does forgetting a part
 * of it, as a purge does. Sequences of different epochs can't be compared. {@link NOTHING} is the offset of a thing that
 * was never written; whoever holds it holds the empty state, which every history begins with, so it can be resumed from
 * in any epoch.
 */

export interface Offset {
  readonly epoch: string;
  /** Counts changes within the epoch, from 1; 0 is before the first. */
  readonly sequence: number;
}

/** The offset of a thing that was never written, or was erased and not written since. */
export const NOTHING: Offset = { epoch: "0", sequence: 0 };

export function formatOffset(offset: Offset): string {
  return `${offset.epoch}:${offset.sequence}`;
}

/** `undefined` where `text` is not an offset. */
export function parseOffset(text: string): Offset | undefined {
  const match = /^([0-9a-z]{1,32}):(0|[1-9][0-9]{0,15})$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: match[1], sequence } : undefined;
}

export function isNothing(offset: Offset): boolean {
  return offset.epoch === NOTHING.epoch && offset.sequence === NOTHING.sequence;
}
