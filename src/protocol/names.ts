/**
 * Branded names and texts, and the one schema by which each is parsed. Text is never normalised: two strings are the
 * same name exactly if they are the same bytes of UTF-8, so strings that have no such bytes are refused.
 */
import * as v from "valibot";
import { parseOffset } from "../core/offset.ts";
import { utf8Length } from "../core/text.ts";
import { limits } from "./limits.ts";

// Control characters of ASCII and Latin-1 (Unicode category Cc).
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const wellFormed = v.check<string, string>(
  (text) => text.isWellFormed(),
  "must be well-formed Unicode, without lone surrogates",
);

function bytesMax(max: number) {
  return v.check<string, string>((text) => utf8Length(text) <= max, `must be at most ${max} bytes of UTF-8`);
}

const NameSchema = v.pipe(
  v.string("must be a string"),
  v.minLength(1, "must not be empty"),
  wellFormed,
  v.check((text) => !CONTROL.test(text), "must not contain control characters"),
  bytesMax(limits.nameBytesMax),
  v.description(`1 to ${limits.nameBytesMax} bytes of UTF-8, no control characters`),
);

/** The name of a set. */
export const SetIdSchema = v.pipe(NameSchema, v.brand("SetId"));
export type SetId = v.InferOutput<typeof SetIdSchema>;

/** Whose items are counted. */
export const TenantSchema = v.pipe(NameSchema, v.brand("Tenant"));
export type Tenant = v.InferOutput<typeof TenantSchema>;

/** What analytics is kept for. */
export const SiteSchema = v.pipe(NameSchema, v.brand("Site"));
export type Site = v.InferOutput<typeof SiteSchema>;

/** A user's name. Never stored, never logged. */
export const UserSchema = v.pipe(NameSchema, v.brand("User"));
export type User = v.InferOutput<typeof UserSchema>;

/** The name of a stream. */
export const StreamIdSchema = v.pipe(NameSchema, v.brand("StreamId"));
export type StreamId = v.InferOutput<typeof StreamIdSchema>;

/** A user as events name them: a name without `|`, which separates the fields of a line. */
export const StreamUserSchema = v.pipe(
  NameSchema,
  v.check((name) => !name.includes("|"), 'must not contain "|"'),
  v.brand("StreamUser"),
);
export type StreamUser = v.InferOutput<typeof StreamUserSchema>;

/** An element of a set: any text but NUL, which separates the parts of an entry in the digest. */
export const ElementSchema = v.pipe(
  v.string("must be a string"),
  v.minLength(1, "must not be empty"),
  wellFormed,
  v.check((text) => !text.includes("\0"), "must not contain NUL"),
  bytesMax(limits.elementBytesMax),
  v.description(`1 to ${limits.elementBytesMax} bytes of UTF-8, no NUL`),
);

/** An item's id: any text that can be an element, since the database keeps both the same way. */
export const ItemIdSchema = ElementSchema;

/** What makes the repetition of an event known as such. */
export const EventIdSchema = ElementSchema;

/** A whole number of some unit in JSON, from 0. */
export function wholeNumberOf(unit: string, max: number) {
  return v.pipe(
    v.number(`must be a number of ${unit}`),
    v.integer("must be an integer"),
    v.minValue(0, "must not be negative"),
    v.maxValue(max, `must be at most ${max}`),
  );
}

/** Milliseconds since the Unix epoch. */
export const TimestampMsSchema = v.pipe(
  wholeNumberOf("milliseconds", limits.timestampMsMax),
  v.description("milliseconds since the Unix epoch"),
);

/** An integer in a query string. */
export function queryInteger(min: number, max: number, description: string) {
  const message = `must be an integer from ${min} to ${max}`;
  return v.pipe(
    v.string(message),
    v.regex(/^(?:0|[1-9][0-9]{0,15})$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
    v.description(description),
  );
}

export const OffsetTextSchema = v.pipe(
  v.string("must be an offset"),
  v.check((text) => parseOffset(text) !== undefined, "must be an offset this server gave"),
  v.description("an offset from an earlier answer"),
);
