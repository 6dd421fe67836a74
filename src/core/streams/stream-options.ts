/** What can be set of a stream, and the bounds within which an object's memory holds it. */
export interface StreamOptions {
  /** How long a hole blocks after it was first seen, in milliseconds; negative: until it is filled. */
  readonly eventTimeoutMs: number;
  readonly maxSources: number;
  /** Connections of users, gateways' included. */
  readonly maxUsers: number;
  /** Lines that wait for a hole to be filled. */
  readonly maxBuffered: number;
  /** How many of the last events can be replayed. */
  readonly retentionEvents: number;
  /** The number of the first event; what is below it is too late. */
  readonly firstSequence: number;
}

/** What a stream created by its first line has. */
export const DEFAULT_STREAM_OPTIONS: StreamOptions = {
  eventTimeoutMs: 1_000,
  maxSources: 1,
  maxUsers: 1_000,
  maxBuffered: 100_000,
  retentionEvents: 1_000_000,
  firstSequence: 1,
};
