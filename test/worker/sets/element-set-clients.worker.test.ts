/**
 * Clients of the element-set protocol know how many records they hold and nothing else. However their fetches fall
 * between the writes of others, each must end with the server's members.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ELEMENT_SET_NAME } from "../../../src/protocol/element-set.ts";
import { answer, request } from "../support/request.ts";
import { TestSet } from "../support/test-set.ts";

interface Fetch {
  readonly kind: "fetch";
  readonly client: number;
}
interface Write {
  readonly kind: "write";
  readonly ops: readonly { readonly operation: string; readonly value: number; readonly timestamp: number }[];
}

const CLIENTS = 3;
const fetchStep: fc.Arbitrary<Fetch> = fc.record({
  kind: fc.constant("fetch"),
  client: fc.nat({ max: CLIENTS - 1 }),
});
const writeStep: fc.Arbitrary<Write> = fc.record({
  kind: fc.constant("write"),
  ops: fc.array(
    fc.record({
      operation: fc.constantFrom("add", "remove"),
      value: fc.nat({ max: 2 }),
      timestamp: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

/** Keeps every record it was ever given, repetitions too or not, and merges them by the rules of the set. */
class CountingClient {
  readonly #keepsRepetitions: boolean;
  readonly #records: string[] = [];

  constructor(keepsRepetitions: boolean) {
    this.#keepsRepetitions = keepsRepetitions;
  }

  async fetch(): Promise<void> {
    const path = `/api/element-set/fetch-all-data?offset=${this.#records.length}`;
    for (const record of await answer<string[]>(request("GET", path))) {
      if (this.#keepsRepetitions || !this.#records.includes(record)) this.#records.push(record);
    }
  }

  get members(): readonly string[] {
    const winners = new Map<string, { readonly op: string; readonly timestamp: number }>();
    for (const record of this.#records) {
      const [op = "", value = "", seconds = ""] = record.trimEnd().split(",");
      const timestamp = Number(seconds);
      const held = winners.get(value);
      const wins = held === undefined || timestamp > held.timestamp || (timestamp === held.timestamp && op === "add");
      if (wins) winners.set(value, { op, timestamp });
    }
    return [...winners].filter(([, { op }]) => op === "add").map(([value]) => value);
  }
}

it("[S21] lets clients that count their records end with the server's members", async () => {
  const set = new TestSet(ELEMENT_SET_NAME);
  const property = fc.asyncProperty(
    fc.array(fc.oneof(fetchStep, writeStep), { maxLength: 16 }),
    fc.boolean(),
    async (steps, keepRepetitions) => {
      await set.erase();
      const clients = Array.from({ length: CLIENTS }, () => new CountingClient(keepRepetitions));
      for (const step of steps) {
        if (step.kind === "fetch") await clients[step.client]!.fetch();
        else {
          const body = step.ops.map(({ operation, ...data }) => ({ operation, data: JSON.stringify(data) }));
          await answer(request("POST", "/api/element-set/bulk-operations", { body }));
        }
      }
      const { elements } = await set.read();
      for (const client of clients) {
        await client.fetch();
        expect(client.members.toSorted()).toEqual(elements);
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
