/**
 * The routing rules as this isolate knows them. A new rule needs a lead, so rules that were read a moment ago are certain
 * for every slice that starts before the lead is over, and are not asked for again until they are old; only for slices
 * further in the future are they.
 *
 * What is written doesn't depend on this: an object that is sent events by other rules refuses them.
 */
import { ROUTING_LEAD_MS, ROUTING_REREAD_MS } from "../../core/analytics/routing.ts";
import type { Routing } from "../../core/analytics/routing.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { SingleFlight } from "../single-flight.ts";
import type { WaitUntil } from "../wait-until.ts";

/** How old rules may be for slices in the future. */
const FUTURE_AGE_MS_MAX = 1_000;

interface Known {
  readonly routing: Routing;
  /** They were valid then. */
  readonly asOfMs: number;
}

export class RoutingCache {
  readonly #read: () => Promise<Result<Routing>>;
  readonly #now: () => number;
  readonly #flight: SingleFlight<Known>;
  #known: Known | undefined;

  constructor(read: () => Promise<Result<Routing>>, now: () => number, flight = new SingleFlight<Known>()) {
    this.#read = read;
    this.#now = now;
    this.#flight = flight;
  }

  /** The rules for slices that hold `timestamp` or an earlier one. */
  async through(timestamp: number, waitUntil: WaitUntil): Promise<Result<Routing>> {
    const known = this.#known;
    if (known !== undefined) {
      const ageMs = this.#now() - known.asOfMs;
      const isCertain = timestamp < known.asOfMs + ROUTING_LEAD_MS;
      if (ageMs < (isCertain ? ROUTING_REREAD_MS : FUTURE_AGE_MS_MAX)) return succeed(known.routing);
    }
    return this.refresh(waitUntil);
  }

  /** The rules, read now. */
  async refresh(waitUntil: WaitUntil): Promise<Result<Routing>> {
    const read = await this.#flight.run("", () => this.#fetch(), waitUntil);
    return read.ok ? succeed(read.value.routing) : read;
  }

  /** Rules that were accepted just now. */
  take(routing: Routing): void {
    this.#known = { routing, asOfMs: this.#now() };
  }

  async #fetch(): Promise<Result<Known>> {
    const asOfMs = this.#now();
    const routing = await this.#read();
    if (!routing.ok) return routing;
    const known = { routing: routing.value, asOfMs };
    if (this.#known === undefined || this.#known.asOfMs <= asOfMs) this.#known = known;
    return succeed(known);
  }
}
