/** A thing of a test's own, by its routes, and the object behind it: what it keeps, its alarm, and its life in memory. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { request } from "./request.ts";

export abstract class TestThing<T extends Rpc.DurableObjectBranded> {
  readonly name: string;
  readonly path: string;
  readonly #objects: DurableObjectNamespace<T>;

  /** @param root the path of all things of its kind */
  constructor(root: string, objects: DurableObjectNamespace<T>, name: string = crypto.randomUUID()) {
    this.name = name;
    this.path = `${root}/${encodeURIComponent(name)}`;
    this.#objects = objects;
  }

  get stub(): DurableObjectStub<T> {
    return this.#objects.getByName(this.name);
  }

  async erase(): Promise<number> {
    return (await request("DELETE", this.path)).status;
  }

  /** Takes the object from memory; {@link evict}. */
  evict(): Promise<void> {
    return evict(this.stub);
  }

  /** Answers whether an alarm was set at all. */
  ring(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  /** When its alarm rings, in milliseconds since the Unix epoch. */
  alarm(): Promise<number | null> {
    return alarmOf(this.stub);
  }

  /** Names of all that its database holds. */
  tables(): Promise<readonly string[]> {
    return tablesOf(this.stub);
  }
}

/** Takes an object from memory, as the platform does when it likes; what it keeps is what it stored. */
export async function evict(stub: DurableObjectStub): Promise<void> {
  // Only what runs can be evicted.
  await runInDurableObject(stub, () => {});
  await evictDurableObject(stub);
}

/** When its alarm rings, in milliseconds since the Unix epoch. */
export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
}

/** Names of all that an object's database holds; the platform's own tables apart. */
export function tablesOf(stub: DurableObjectStub): Promise<readonly string[]> {
  return runInDurableObject(stub, (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
      .toArray()
      .map((row) => row.name),
  );
}
