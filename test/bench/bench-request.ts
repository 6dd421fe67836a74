/** A request that a bench makes. */

export interface BenchRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: string;
}

export function get(path: string): BenchRequest {
  return { method: "GET", path };
}

/** @param body text as it is, anything else as JSON */
export function post(path: string, body: unknown): BenchRequest {
  return { method: "POST", path, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** The entries of a body. */
export function some<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
