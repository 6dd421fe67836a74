/**
 * Reads that come together make one call: while a call for a key is under way, others that ask for the same wait for its
 * answer. So what they get may be as old as the beginning of that call.
 */
import { refuseForNow } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";
import { logError } from "./log.ts";
import { unlessLate } from "./unless-late.ts";
import type { WaitUntil } from "./wait-until.ts";

export const DEFAULT_FLIGHT_DEADLINE_MS = 10_000;

export class SingleFlight<T> {
  readonly #deadlineMs: number;
  /** None of them ever rejects. */
  readonly #flights = new Map<string, Promise<Result<T>>>();

  constructor(deadlineMs = DEFAULT_FLIGHT_DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  /** @param call made if none for `key` is under way; runs in the context of this request */
  run(key: string, call: () => Promise<Result<T>>, waitUntil: WaitUntil): Promise<Result<T>> {
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#begin(key, call);
      waitUntil(flight);
    }
    return unlessLate(flight, this.#deadlineMs, () => refuseForNow("The read was not answered in time."));
  }

  #begin(key: string, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const fly = async (): Promise<Result<T>> => {
      try {
        return await call();
      } catch (error) {
        logError(error);
        return refuseForNow("The read failed.");
      }
    };
    const flight = fly();
    this.#flights.set(key, flight);
    void flight.finally(() => this.#flights.delete(key));
    return flight;
  }
}
