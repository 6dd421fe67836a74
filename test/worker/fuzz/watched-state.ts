/**
 * What the objects hold, row by row, and which of them were reached; so that whoever was refused can be shown to have changed
 * nothing. An object that was never written is compared with one that nobody ever named.
 */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { parseObjectName } from "../../../src/worker/analytics/slice-address.ts";
import type { Env } from "../../../src/worker/env.ts";

/** One for a whole file, for what the isolate keeps is made with the bindings that it saw first. */
export const fuzzedEnv: Env = { ...env, AUTH_MODE: "open" };

/** Of what a thing holds, in what is reported of it. */
const SHOWN_MAX = 2_000;
const ROWS_MAX = 50_000;

interface Thing {
  readonly binding: string;
  readonly name: string;
}

export class WatchedState {
  readonly #reached = new Map<string, Thing>();
  readonly #held = new Map<string, string>();
  readonly #written = new Map<string, Thing>();

  constructor() {
    for (const [binding, value] of Object.entries(env)) {
      if (typeof value !== "object" || value === null || !("getByName" in value)) continue;
      const watch = new Proxy(value, {
        get: (target, key) => {
          const member: unknown = Reflect.get(target, key, target);
          if (typeof member !== "function") return member;
          if (key !== "getByName") return member.bind(target) as unknown;
          return (name: string) => {
            this.#reached.set(`${binding} ${name}`, { binding, name });
            return member.call(target, name) as unknown;
          };
        },
      });
      Object.assign(fuzzedEnv, { [binding]: watch });
    }
  }

  /** To be called before a request: what may be written from now on is known as it is. */
  async remember(): Promise<void> {
    this.#reached.clear();
    for (const [key, thing] of this.#written) {
      if (thing.binding === "STREAMS") await quieten(thing.name);
      this.#held.set(key, await dump(thing));
    }
    this.#written.clear();
  }

  /** What was reached may have been written. */
  wrote(): void {
    for (const [key, thing] of this.#reached) {
      this.#written.set(key, thing);
      if (thing.binding !== "SLICES") continue;
      // A slice enters itself in its site's catalogue.
      const { site } = parseObjectName(thing.name);
      this.#written.set(`SITES ${site}`, { binding: "SITES", name: site });
    }
  }

  /** What was reached holds, all together. */
  async snapshot(): Promise<string> {
    const dumps: string[] = [];
    for (const thing of this.#reached.values()) {
      if (thing.binding === "STREAMS") await quieten(thing.name);
      dumps.push(await dump(thing));
    }
    return dumps.join("\n").slice(0, SHOWN_MAX);
  }

  /** Objects that were reached since {@link remember}, and are not as they were then. */
  async changed(): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const [key, thing] of this.#reached) {
      const before = this.#held.get(key) ?? (await untouched(thing.binding));
      const after = await dump(thing);
      if (before !== after) changed.push(`${key}: ${before.slice(0, SHOWN_MAX)} became ${after.slice(0, SHOWN_MAX)}`);
      this.#held.set(key, after);
    }
    return changed;
  }
}

/** A stream that skips holes changes by itself. One that is being imported does not, and takes no options. */
async function quieten(name: string): Promise<void> {
  const stub = env.STREAMS.getByName(name);
  const isThere = (await stub.exportStart()) !== undefined;
  if (isThere) await stub.configure({ event_timeout_ms: -1 });
}

const untouchedDumps = new Map<string, string>();

async function untouched(binding: string): Promise<string> {
  const known = untouchedDumps.get(binding) ?? (await dump({ binding, name: crypto.randomUUID() }));
  untouchedDumps.set(binding, known);
  return known;
}

/** Of an import that brought nothing: it says nothing, and keeps no other out. */
function isNote(table: string, row: Readonly<Record<string, unknown>> | undefined): boolean {
  return table === "import_progress" && row?.["taken"] === 0;
}

function dump({ binding, name }: Thing): Promise<string> {
  const namespace = (env as unknown as Readonly<Record<string, DurableObjectNamespace>>)[binding]!;
  return runInDurableObject(namespace.getByName(name), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
      )
      .toArray();
    const rows = tables.map((table) => {
      return [table.name, storage.sql.exec(`SELECT * FROM "${table.name}" LIMIT ${ROWS_MAX}`).toArray()] as const;
    });
    return JSON.stringify(
      rows.filter(([table, [row]]) => !isNote(table, row)),
      (_key, value: unknown) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)] : value),
    );
  });
}
