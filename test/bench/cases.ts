/** What is measured: requests as their users send them, against the floor, with the least ratio that is good enough. */
import type { BenchRequest } from "./measure.ts";

export interface BenchCase {
  readonly name: string;
  readonly connections: number;
  /** Requests a second of this, as a share of the floor's. `undefined`: measured, but no promise. */
  readonly target: number | undefined;
  readonly request: () => BenchRequest;
}

const ELEMENTS = 10_000;
const CONNECTIONS = [64, 256] as const;

let stamp = Date.now();

function randomElement(): string {
  return `element-${Math.floor(Math.random() * ELEMENTS)}`;
}

export const benchCases: readonly BenchCase[] = CONNECTIONS.flatMap((connections): BenchCase[] => [
  {
    name: "GET /healthz",
    connections,
    target: undefined,
    request: () => ({ method: "GET", path: "/healthz" }),
  },
  {
    name: "GET one element",
    connections,
    target: undefined,
    request: () => ({ method: "GET", path: `/sets/bench/elements/${randomElement()}` }),
  },
  {
    name: "PUT one element, durable",
    connections,
    target: undefined,
    request: () => ({ method: "PUT", path: `/sets/bench/elements/${randomElement()}?timestamp=${(stamp += 1)}` }),
  },
]);
