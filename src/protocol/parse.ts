/** From outside values to typed ones: runs a schema and turns what it finds into a problem that names the fields. */
import * as v from "valibot";
import { limits } from "./limits.ts";
import { refuse, succeed } from "./problem.ts";
import type { FieldError, Result } from "./problem.ts";

/** @param root what the paths in the errors begin with; none for a body, `query` parts are named by themselves */
export function parse<S extends v.GenericSchema>(schema: S, input: unknown, root = ""): Result<v.InferOutput<S>> {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return succeed(result.output);
  const errors = result.issues.slice(0, limits.errorsMax).map((issue) => fieldError(issue, root));
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
  return { path: path === "" ? "body" : path, message: describe(issue) };
}

/** The schemas say what a value must be; what is wrong with the shape around it is said here, the same for all. */
function describe(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== "schema") return issue.message;
  if (issue.expected === "never") return "is not known";
  if (issue.received === "undefined") return "is missing";
  return issue.expected === "Object" ? "must be an object" : issue.message;
}
