/**
 * Who may do what. Fails closed: only `AUTH_MODE=open` lets requests through, and a server whose mode it does not
 * know refuses all of them.
 */
import type { Endpoint } from "../protocol/endpoint.ts";
import { refuse, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";
import type { Env } from "./env.ts";

export function authorize(env: Env, _endpoint: Endpoint): Result<undefined> {
  if (env.AUTH_MODE === "open") return succeed(undefined);
  return refuse(
    "unauthorized",
    "This server's AUTH_MODE is not one it can check tokens in, so it refuses every request.",
  );
}
