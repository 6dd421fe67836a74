/** What is measured: requests as their users send them, against the floor, with the least ratio that is good enough. */
import { get, post } from "./bench-request.ts";
import type { BenchRequest } from "./bench-request.ts";

export interface BenchCase {
  readonly name: string;
  readonly connections: number;
  /** Requests a second of this, as a share of the floor's. `undefined`: measured, but no promise. */
  readonly target: number | undefined;
  readonly request: () => BenchRequest;
}

const CONNECTIONS = [64, 256] as const;
const ELEMENTS = 10_000;
const USERS = 100_000;
const TENANTS = 50;

let sequence = Date.now();

/** Greater each time, and later than in any earlier run. */
function next(): number {
  sequence += 1;
  return sequence;
}

function oneOf(count: number, name: string): string {
  return `${name}-${Math.floor(Math.random() * count)}`;
}

function newItem(tenant: string): string {
  return JSON.stringify({ id: `item-${next()}`, tenant });
}

const singles: readonly Omit<BenchCase, "connections">[] = [
  {
    name: "POST /analytics, durable",
    target: 0.6,
    request: () => ({
      method: "POST",
      path: `/analytics?timestamp=${Date.now()}&user=${oneOf(USERS, "user")}&click&site=bench`,
    }),
  },
  {
    name: "GET /analytics, current slice",
    target: 0.85,
    request: () => get(`/analytics?timestamp=${Date.now()}&site=bench`),
  },
  {
    name: "POST /items, one new item, durable",
    target: 0.5,
    request: () => post("/items", newItem("bench")),
  },
  {
    // Each tenant is an object with a disk to sync of its own, so there is less to share.
    name: `POST /items, one new item of ${TENANTS} tenants, durable`,
    target: undefined,
    request: () => post("/items", newItem(oneOf(TENANTS, "tenant"))),
  },
  {
    name: "PUT one element, durable",
    target: undefined,
    request: () => ({ method: "PUT", path: `/sets/bench/elements/${oneOf(ELEMENTS, "element")}?timestamp=${next()}` }),
  },
  {
    name: "GET one element",
    target: undefined,
    request: () => get(`/sets/bench/elements/${oneOf(ELEMENTS, "element")}`),
  },
  {
    name: "GET /healthz",
    target: undefined,
    request: () => get("/healthz"),
  },
];

export const benchCases: readonly BenchCase[] = singles.flatMap((single) =>
  CONNECTIONS.map((connections): BenchCase => ({ ...single, connections })),
);
