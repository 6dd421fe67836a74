/** What an answer that is a refusal, or no answer at all, becomes for whoever called: a {@link WeirError}. */
import * as v from "valibot";
import { ProblemSchema } from "../protocol/problem.ts";
import { WeirError } from "./weir-error.ts";

export function unreachable(url: URL, cause: unknown): WeirError {
  return new WeirError({ code: "network", detail: `${url.origin} could not be reached.`, cause });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function refusal(status: number, headers: Headers, json: unknown): WeirError {
  const retryAfterS = parseRetryAfter(headers.get("Retry-After"));
  const problem = v.safeParse(ProblemSchema, json);
  if (problem.success) {
    const { code, detail, errors, earliest } = problem.output;
    return new WeirError({ code, detail, status, errors, retryAfterS, earliest });
  }
  // Not from Weir but from something on the way to it.
  const code =
    status === 429 ? "rate_limited" : status === 502 || status === 503 || status === 504 ? "overloaded" : "internal";
  return new WeirError({ code, detail: `The server answered ${status} without saying why.`, status, retryAfterS });
}

/** Only the form in seconds; dates depend on two clocks. */
function parseRetryAfter(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
