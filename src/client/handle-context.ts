/** What the handles of things have of their client: how to call, and what the world is like. */
import type { ApiCaller } from "./api-caller.ts";
import type { Runtime } from "./runtime.ts";

export interface HandleContext {
  readonly caller: ApiCaller;
  readonly runtime: Runtime;
}
