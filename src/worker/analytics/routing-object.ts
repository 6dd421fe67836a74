/**
 * The object that holds the routing rules, one for all sites. It grants the claims of slices, one for each slice of each
 * site, and refuses rules that would contradict a claim it has granted.
 */
import { DurableObject } from "cloudflare:workers";
import { changeRouting, claimSlice, DEFAULT_ROUTING, restoreRouting } from "../../core/analytics/routing.ts";
import type {
  Routing,
  RoutingChange,
  RoutingRestoration,
  RoutingState,
  SliceClaim,
} from "../../core/analytics/routing.ts";
import type { Env } from "../env.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { SqlRoutingStore } from "./routing-sql-store.ts";

export type RoutingCalls = Pick<RoutingObject, "read" | "change" | "claim" | "restore">;

export class RoutingObject extends DurableObject<Env> {
  readonly #store: SqlRoutingStore;
  #state: RoutingState;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "RoutingObject");
    this.#store = new SqlRoutingStore(new DurableSql(ctx.storage));
    this.#state = this.#store.read() ?? { routing: DEFAULT_ROUTING, lastClaimed: null };
  }

  async read(): Promise<Routing> {
    return this.#state.routing;
  }

  async change(next: Routing): Promise<RoutingChange> {
    const change = changeRouting(this.#state, next, Date.now());
    if (change.kind !== "accepted") return change;
    this.#keep({ ...this.#state, routing: change.routing });
    logObjectEvent(this.ctx, "routing changed", { rules: change.routing.rules.length });
    return change;
  }

  /** Whether `claim` is granted. */
  async claim(claim: SliceClaim): Promise<boolean> {
    const next = claimSlice(this.#state, claim);
    if (next !== undefined && next !== this.#state) this.#keep(next);
    return next !== undefined;
  }

  /** Takes the rules of an export if they may take the place of those that are there. */
  async restore(routing: Routing, claims: readonly SliceClaim[]): Promise<RoutingRestoration> {
    const restoration = restoreRouting(this.#state, routing, claims);
    if (restoration.kind === "restored" && restoration.state !== this.#state) this.#keep(restoration.state);
    return restoration;
  }

  #keep(state: RoutingState): void {
    this.#store.write(state);
    this.#state = state;
  }
}
