/** What an answer that is a refusal, or no answer at all, becomes for whoever called: a {@link WeirError}. */
import * as v from "valibot";
import { parseJson } from "../protocol/parse-json.ts";
import { ProblemSchema } from "../protocol/problem.ts";
import { WeirError } from "./weir-error.ts";

export const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const TOO_MANY = 429;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function unreachable(url: URL, cause: unknown): WeirError {
  return new WeirError({ code: "network", detail: `${url.origin} could not be reached.`, cause });
}

export function refusal({ status, headers, text }: Answered): WeirError {
  const retryAfterS = parseRetryAfter(headers.get("Retry-After"));
  const problem = v.safeParse(ProblemSchema, parseJson(text));
  if (problem.success) {
    const { code, detail, errors, earliest } = problem.output;
    return new WeirError({ code, detail, status, errors, retryAfterS, earliest });
  }
  // Not from Weir but from something on the way to it.
  const code =
    status === TOO_MANY
      ? "rate_limited"
      : status === 502 || status === 503 || status === 504
        ? "overloaded"
        : "internal";
  return new WeirError({ code, detail: `The server answered ${status} without saying why.`, status, retryAfterS });
}

/** Whether nobody with this token is let in. */
export function isOfToken({ status }: WeirError): boolean {
  return status === UNAUTHORIZED || status === FORBIDDEN;
}

/** Only the form in seconds; dates depend on two clocks. */
function parseRetryAfter(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
