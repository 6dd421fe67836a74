/** From outside values to typed ones: runs a schema and turns what it finds into a problem that names the fields. */
import * as v from "valibot";
import { refuse, succeed } from "./problem.ts";
import type { FieldError, Result } from "./problem.ts";

/** How many of a request's faults an answer lists. */
const ERRORS_MAX = 20;

/** @param root what the paths in the errors begin with; none for a body, `query` parts are named by themselves */
export function parse<S extends v.GenericSchema>(schema: S, input: unknown, root = ""): Result<v.InferOutput<S>> {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return succeed(result.output);
  const errors = result.issues.slice(0, ERRORS_MAX).map((issue) => fieldError(issue, root));
  const [first] = errors;
  const others = result.issues.length - 1;
  const rest = others === 0 ? "" : ` (and ${others} more)`;
  const tooLarge = result.issues.some((issue) => issue.type === "max_length");
  return refuse(tooLarge ? "payload_too_large" : "invalid_request", `${first?.path}: ${first?.message}${rest}.`, {
    errors,
  });
}

function fieldError(issue: v.BaseIssue<unknown>, root: string): FieldError {
  let path = root;
  for (const item of issue.path ?? []) {
    if (typeof item.key === "number") path += `[${item.key}]`;
    else path += path === "" ? String(item.key) : `.${String(item.key)}`;
  }
  const missing = issue.kind === "schema" && issue.received === "undefined";
  return { path: path === "" ? "body" : path, message: missing ? "is missing" : issue.message };
}
