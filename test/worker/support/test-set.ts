/** A set of a test's own, by the routes that clients use, and the object behind it. */
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { ChangesAnswer, ElementsAnswer, OpsAnswer } from "../../../src/protocol/sets.ts";
import type { SetObject } from "../../../src/worker/sets/set-object.ts";
import { answer, request } from "./request.ts";

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

export class TestSet {
  readonly name: string;
  readonly path: string;

  constructor(name: string = crypto.randomUUID()) {
    this.name = name;
    this.path = `/sets/${encodeURIComponent(name)}`;
  }

  get stub(): DurableObjectStub<SetObject> {
    return env.SETS.getByName(this.name);
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

  async erase(): Promise<void> {
    await request("DELETE", this.path);
  }

  /** Takes the object from memory, as the platform does when it likes; what it keeps is what it stored. */
  async evict(): Promise<void> {
    // Only what runs can be evicted.
    await this.read("?limit=1");
    await evictDurableObject(this.stub);
  }

  /** Purges now what is due; answers whether an alarm was set at all. */
  purge(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  /** Names of all that the object's database holds; the platform's own tables apart. */
  tables(): Promise<readonly string[]> {
    return runInDurableObject(this.stub, (_, { storage }) =>
      storage.sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
        .toArray()
        .map((row) => row.name),
    );
  }
}
