/** What the handles of things have of their client: how to call, what the world is like, and who they are. */
import type { ApiCaller } from "./api-caller.ts";
import type { Runtime } from "./runtime.ts";

export interface HandleContext {
  readonly caller: ApiCaller;
  readonly runtime: Runtime;
  readonly token: () => string | undefined;
}
