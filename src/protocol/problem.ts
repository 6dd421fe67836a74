/**
 * What goes wrong, as RFC 9457 problem details with a closed set of codes. Expected refusals are values of this type
 * on the whole way from the core to the client; only bugs are thrown.
 */
import * as v from "valibot";

export const problemStatus = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  offset_gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  overloaded: 503,
  internal: 500,
} as const;

export type ProblemCode = keyof typeof problemStatus;

const problemCodes = Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]];

/** One thing wrong with the request: `path` is the field, as in `ops[3].timestamp`. */
export const FieldErrorSchema = v.object({ path: v.string(), message: v.string() });
export type FieldError = Readonly<v.InferOutput<typeof FieldErrorSchema>>;

/** The body of every error answer, and of an `error` frame. */
export const ProblemSchema = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  code: v.picklist(problemCodes),
  /** A sentence for a person. */
  detail: v.string(),
  /** What a program needs to point at the fields. */
  errors: v.optional(v.array(FieldErrorSchema)),
  /** When a rule was refused as too early: the first start that would have been accepted, in ms since the Unix epoch. */
  earliest: v.optional(v.number()),
});
export type ProblemBody = v.InferOutput<typeof ProblemSchema>;

/** A refusal on its way to the client. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** For a routing rule that was refused: the first start that would be accepted, in ms since the Unix epoch. */
  readonly earliest?: number;
  /** For `unauthorized`: a token came, and it is the token that is not accepted. */
  readonly tokenRefused?: true;
  /** Seconds after which it may go better, for `rate_limited` and `overloaded`. */
  readonly retryAfterS?: number;
}

/** A value, or the reason why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(code: ProblemCode, detail: string, more: Omit<Problem, "code" | "detail"> = {}): Result<never> {
  return { ok: false, problem: { code, detail, ...more } };
}

/** Refuses one field of the request. */
export function refuseField(path: string, message: string, code: ProblemCode = "invalid_request"): Result<never> {
  return refuse(code, `${path}: ${message}.`, { errors: [{ path, message }] });
}

const RETRY_AFTER_S = 1;

/** Refuses for now: nothing is wrong with the request, and it may go better after `retryAfterS` seconds. */
export function refuseForNow(detail: string, retryAfterS = RETRY_AFTER_S): Result<never> {
  return refuse("overloaded", detail, { retryAfterS });
}

/** The JSON a client gets. */
export function problemBody(problem: Problem): ProblemBody {
  return {
    type: `urn:weir:problem:${problem.code}`,
    title: problem.code.replaceAll("_", " "),
    status: problemStatus[problem.code],
    code: problem.code,
    detail: problem.detail,
    ...(problem.errors !== undefined && { errors: [...problem.errors] }),
    ...(problem.earliest !== undefined && { earliest: problem.earliest }),
  };
}
