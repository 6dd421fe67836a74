/** What the SDK throws: a refusal by the server, or that it could not be reached. */
import type { FieldError, Problem, ProblemCode } from "../protocol/problem.ts";

/** The server's codes, and `network` where no answer came at all. */
export type WeirErrorCode = ProblemCode | "network";

export interface WeirErrorDetails {
  readonly code: WeirErrorCode;
  /** A sentence for a person. */
  readonly detail: string;
  /** The HTTP status; 0 where there was none. */
  readonly status?: number | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryAfterS?: number | undefined;
  readonly earliest?: number | undefined;
  readonly cause?: unknown;
}

export class WeirError extends Error {
  override readonly name = "WeirError";
  readonly code: WeirErrorCode;
  readonly status: number;
  readonly detail: string;
  /** The fields that are wrong, as in `ops[3].timestamp`. */
  readonly errors: readonly FieldError[];
  /** Seconds after which it may go better. */
  readonly retryAfterS: number | undefined;
  /** For a routing rule that was refused: the first start that would be accepted, in milliseconds. */
  readonly earliest: number | undefined;

  constructor({ code, detail, status = 0, errors = [], retryAfterS, earliest, cause }: WeirErrorDetails) {
    super(detail, { cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.errors = errors;
    this.retryAfterS = retryAfterS;
    this.earliest = earliest;
  }

  /** Of a refusal that was found before anything was sent. */
  static of(problem: Problem): WeirError {
    return new WeirError(problem);
  }
}
