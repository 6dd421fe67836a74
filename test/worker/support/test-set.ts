/** A set of a test's own, by the routes that clients use, and the object behind it. */
import { env } from "cloudflare:workers";
import type { ChangesAnswer, ElementsAnswer, OpsAnswer } from "../../../src/protocol/sets.ts";
import type { SetObject } from "../../../src/worker/sets/set-object.ts";
import { answer, request } from "./request.ts";
import { TestThing } from "./test-thing.ts";

export interface TestOp {
  readonly op: "add" | "remove";
  readonly element: string;
  readonly timestamp?: number;
}

/** Reads as `add("a", 1)`. */
export function add(element: string, timestamp?: number): TestOp {
  return { op: "add", element, ...(timestamp !== undefined && { timestamp }) };
}

export function remove(element: string, timestamp?: number): TestOp {
  return { op: "remove", element, ...(timestamp !== undefined && { timestamp }) };
}

export class TestSet extends TestThing<SetObject> {
  constructor(name?: string) {
    super("/sets", env.SETS, name);
  }

  create(options: object = {}, status = 201): Promise<Record<string, unknown>> {
    return answer(request("PUT", this.path, { body: options }), status);
  }

  write(...ops: readonly TestOp[]): Promise<OpsAnswer> {
    return answer<OpsAnswer>(request("POST", `${this.path}/ops`, { body: { ops } }));
  }

  read(query = ""): Promise<ElementsAnswer> {
    return answer<ElementsAnswer>(request("GET", this.path + query));
  }

  changes(query = ""): Promise<ChangesAnswer> {
    return answer<ChangesAnswer>(request("GET", `${this.path}/changes${query}`));
  }

  /** Purges now what is due; answers whether an alarm was set at all. */
  purge(): Promise<boolean> {
    return this.ring();
  }
}
