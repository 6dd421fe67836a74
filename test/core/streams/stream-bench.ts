/**
 * What the core costs by itself, without a database: `node test/core/streams/stream-bench.ts`. Node's figures; an object of
 * the platform has pointers of half the size.
 */
import { FollowGraph } from "../../../src/core/streams/follow-graph.ts";
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import type { Audience } from "../../../src/core/streams/ordered-stream.ts";
import { seededRandom } from "../../../src/cli/seeded-random.ts";

const EVENTS = 1_000_000;
const USERS = 1_000;
const CONNECTED = 100;
const FOLLOWERS = 100_000;
const EDGES = 1_000_000;

class Counting implements Audience {
  readonly users = new Map<string, null>();
  deliveries = 0;

  told(_event: object, recipients: Iterable<string> | null): void {
    for (const _ of recipients ?? this.users.keys()) this.deliveries += 1;
  }

  skipped(): void {}
}

/** Keeps nothing of what was processed. */
class ForgetfulStore extends MemoryStreamStore {
  override commit(): void {}
}

function randomLines(count: number, random: () => number): string[] {
  const user = () => Math.floor(random() * USERS);
  return Array.from({ length: count }, (_, index) => {
    const kind = random();
    const sequence = index + 1;
    if (kind < 0.01) return `${sequence}|B`;
    if (kind < 0.3) return `${sequence}|F|${user()}|${user()}`;
    if (kind < 0.4) return `${sequence}|U|${user()}|${user()}`;
    return kind < 0.7 ? `${sequence}|P|${user()}|${user()}` : `${sequence}|S|${user()}`;
  });
}

function shuffleWithin(lines: readonly string[], distance: number, random: () => number): string[] {
  return lines
    .map((line, index) => ({ line, key: index + random() * distance }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ line }) => line);
}

function report(what: string, operations: number, ms: number): void {
  console.log(`${what}: ${Math.round((operations / ms) * 1_000).toLocaleString("en")}/s, ${Math.round(ms)} ms`);
}

function benchOrder(distance: number, batch: number): void {
  const random = seededRandom(1);
  const lines = shuffleWithin(randomLines(EVENTS, random), distance, random);
  const texts: string[] = [];
  for (let at = 0; at < lines.length; at += batch) texts.push(`${lines.slice(at, at + batch).join("\n")}\n`);
  const audience = new Counting();
  for (let index = 0; index < CONNECTED; index++) audience.users.set(String(index), null);
  const stream = new OrderedStream(new ForgetfulStore(), audience, 0);
  const start = performance.now();
  for (const text of texts) stream.take(text, 0);
  const ms = performance.now() - start;
  if (stream.cursor !== EVENTS) throw new Error(`The cursor is ${stream.cursor}.`);
  report(`events, each up to ${distance} late, turns of ${batch} (${audience.deliveries} deliveries)`, EVENTS, ms);
}

/** A stream with one user whom many follow, some of whom are there. */
function benchRouting(followers: number, connected: number): void {
  const audience = new Counting();
  for (let index = 0; index < connected; index++) audience.users.set(`user-${index * 2}`, null);
  const stream = new OrderedStream(new ForgetfulStore(), audience, 0);
  const follows = Array.from({ length: followers }, (_, index) => `${index + 1}|F|user-${index}|star`);
  stream.take(follows.join("\n"), 0);
  const updates = Array.from({ length: 10_000 }, (_, index) => `${followers + index + 1}|S|star`).join("\n");
  const start = performance.now();
  stream.take(updates, 0);
  const ms = performance.now() - start;
  report(
    `updates of one with ${followers} followers, ${connected} connected (${audience.deliveries} told)`,
    10_000,
    ms,
  );
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function benchEdges(what: string, edge: (index: number) => readonly [string, string]): void {
  const before = heapMb();
  const graph = new FollowGraph();
  const start = performance.now();
  for (let index = 0; index < EDGES; index++) graph.follow(...edge(index), index + 1);
  report(`follows, ${what}`, EDGES, performance.now() - start);
  console.log(
    `  ${graph.size} edges, ${Math.round(graph.weight / 1e6)} MB by weight: ${Math.round(heapMb() - before)} MB`,
  );
  const dumped = performance.now();
  const chunks = [...graph.checkpoint()];
  const units = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  console.log(
    `  checkpoint: ${chunks.length} rows, ${(units / 1e6).toFixed(1)} MB, ${Math.round(performance.now() - dumped)} ms`,
  );
  const loaded = performance.now();
  new FollowGraph().restore(chunks);
  console.log(`  restore: ${Math.round(performance.now() - loaded)} ms`);
}

for (const [distance, batch] of [
  [0, 1_000],
  [100, 100],
  [1_000, 1_000],
  [5_000, 1_000],
  [90_000, 1_000],
] as const)
  benchOrder(distance, batch);
benchRouting(FOLLOWERS, 100);
benchRouting(FOLLOWERS, 1_000);
benchRouting(1_000, 100);
benchEdges("100,000 users", (index) => [`user-${index % 100_000}`, `user-${(index * 7_919) % 99_991}`]);
benchEdges("2,000,000 users", (index) => [`from-${index}`, `to-${index}`]);
