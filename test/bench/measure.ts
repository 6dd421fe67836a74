/** Requests a second that a server answers to a number of connections, each of which asks again as soon as it is answered. */
import autocannon from "autocannon";
import type { Request } from "autocannon";
import type { BenchRequest } from "./bench-request.ts";

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly request: () => BenchRequest;
}

export interface Measured {
  /** That were answered. */
  readonly requests: number;
  readonly requestsPerS: number;
  readonly latencyP99Ms: number;
  /** Answers that were not 2xx, and requests that had none. */
  readonly failures: number;
}

export async function measure({ url, connections, seconds, request }: Load): Promise<Measured> {
  const first = request();
  const setupRequest = (template: Request): Request => Object.assign(template, request());
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [{ ...first, setupRequest }],
  });
  return {
    requests: result.requests.total,
    requestsPerS: result.requests.average,
    latencyP99Ms: result.latency.p99,
    failures: result.non2xx + result.errors + result.timeouts,
  };
}

/** The middle of `values`; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** To two decimals, as ratios are shown. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
