/**
 * The limits of the contract, each with its unit in its name; those that an algorithm holds by itself are in core, beside it.
 * Each has a test at the limit and one past it.
 */
import { TIMESTAMP_MS_MAX } from "../core/analytics/time-slice.ts";
import { LINE_BYTES_MAX } from "../core/streams/line.ts";

export const limits = {
  /** Set, site, tenant, stream and user names, in bytes of UTF-8. */
  nameBytesMax: 256,
  /** Elements and item ids, in bytes of UTF-8. */
  elementBytesMax: 1_024,
  /** A request's body, and a message on a WebSocket. */
  bodyBytesMax: 4 * 1024 * 1024,
  /** How long a request's body may take to come. */
  bodyMsMax: 30_000,
  /** Operations, events or items in one request. */
  batchEntriesMax: 10_000,
  /** Faults of a request that its answer lists. */
  errorsMax: 20,
  /** A timestamp, in milliseconds since the Unix epoch. */
  timestampMsMax: TIMESTAMP_MS_MAX,
  /** A token. */
  tokenCharsMax: 8_192,
  /** The rows of one page, and how many there are unless the request says. */
  pageRowsMax: 10_000,
  pageRowsDefault: 1_000,
  /** How long a request may wait for a change. */
  waitMsMax: 60_000,
  /** Viewers of one object: hibernating WebSockets, and event streams, which keep the object in memory. */
  webSocketsMax: 30_000,
  eventStreamsMax: 1_000,
  /** Requests that wait for a change of one object. */
  waitersMax: 10_000,
  /** The rows of a range of slices. */
  rangeSlicesMax: 1_000,
  /** Their shards that hold data, of which each is a call; the platform has 10,000 for a request. */
  rangeShardsMax: 9_000,
  routingRulesMax: 1_000,
  /** Slices of one site that are watched live at the same time. */
  watchedSlicesMax: 100,
  /** Lines of a stream in one request or message. */
  streamLinesMax: 100_000,
  /** A line of a stream, in bytes of UTF-8. */
  lineBytesMax: LINE_BYTES_MAX,
  /** The bounds of a stream's options. */
  eventTimeoutMsMax: 86_400_000,
  streamSourcesMax: 100,
  streamUsersMax: 30_000,
  streamGatewaysMax: 16,
  bufferedLinesMax: 200_000,
  retentionEventsMax: 10_000_000,
  /** The records of one export, and how long a cursor into it may be, in UTF-16 code units: an id of an item fits. */
  exportRecordsMax: 1_000_000_000_000,
  exportCursorCharsMax: 8_192,
  /** Pseudonyms of users, and of event ids, in one line of an export. */
  pseudonymsPerPartMax: 8_064,
  /** Records of a site in one request: each may be of another shard, and the platform bounds the objects that one asks. */
  siteImportRecordsMax: 500,
  /**
   * What a shard that is imported may have counted, of each kind: a year of as many events as one object takes, and so few that
   * the sum over the shards of a slice stays exact for as much again, and more.
   */
  shardEventsMax: 2 ** 43,
  /** The same of a stream that is imported, and the ids that it has given, so that many more can be counted and given. */
  streamTotalsMax: 2 ** 43,
  /** Text that is a row of the database, in UTF-16 code units, and numbers, in one line of an export. */
  rowTextUnitsMax: 650_000,
  numbersPerLineMax: 20_000,
} as const;
