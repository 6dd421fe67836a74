/**
 * The object behind one shard of one time slice of one site: decides and persists in one synchronous turn, then tells
 * whoever watches. The runtime holds every answer back until the turn is on disk, so whatever a client sees is durable.
 *
 * Its first event claims the slice: the site's object notes that this shard holds data, and the routing object confirms
 * that the slice has as many shards as whoever sent the event believes. Until both are on disk nothing is counted. So an
 * edge with old rules can't bring a user to two shards, and a slice that holds data is one that can be found.
 */
import { DurableObject } from "cloudflare:workers";
import type { SliceClaim } from "../../core/analytics/routing.ts";
import { SliceShard } from "../../core/analytics/slice-shard.ts";
import type { Recorded, SliceEvent } from "../../core/analytics/slice-shard.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Env } from "../env.ts";
import { callObject } from "../object-call.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { siteStub } from "./durable-analytics.ts";
import { hmacPseudonyms, newSalt } from "./pseudonym.ts";
import { sealAfterMs } from "./seal-after.ts";
import { parseObjectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import { SqlSliceStore } from "./slice-sql-store.ts";
import { TotalsPush } from "./totals-push.ts";

/** `stale`: the events were routed by rules that don't hold for this slice; nothing was counted. */
export type RecordOutcome = ({ readonly kind: "recorded" } & Recorded) | { readonly kind: "stale" };

export type SliceCalls = Pick<SliceObject, "record" | "totals" | "watch">;

/** The platform takes no alarm that is centuries away; the alarm that comes too early sets the next. */
const ALARM_HORIZON_MS = 30 * 86_400_000;

export class SliceObject extends DurableObject<Env> {
  readonly #shard: SliceShard;
  readonly #push: TotalsPush;
  #sealScheduled = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "SliceObject");
    this.#shard = new SliceShard(new SqlSliceStore(new DurableSql(ctx.storage)), hmacPseudonyms);
    this.#push = new TotalsPush(
      () => this.#shard.totals(),
      async (totals) => {
        const { site, start, shard } = this.#address;
        return siteStub(env, site)().push(start, shard, totals, Date.now());
      },
    );
  }

  /** Counts events that were routed here as `claim` says. */
  async record(claim: SliceClaim, events: readonly SliceEvent[]): Promise<Result<RecordOutcome>> {
    if (this.#shard.claim === undefined) {
      const { site, shard } = this.#address;
      const granted = await callObject(siteStub(this.env, site), (stub) => stub.claim(claim, shard));
      if (!granted.ok) return granted;
      if (!granted.value.ok) return granted.value;
      if (!granted.value.value) return succeed({ kind: "stale" });
    } else if (!isSame(this.#shard.claim, claim)) {
      return succeed({ kind: "stale" });
    }
    const recorded = this.#shard.record(events, claim, Date.now(), newSalt);
    this.#scheduleSeal();
    this.#push.changed();
    return succeed({ kind: "recorded", ...recorded });
  }

  async totals(): Promise<Totals> {
    return this.#shard.totals();
  }

  /** Totals as of now, and from now on pushed to the site's object for `leaseMs`. */
  async watch(shards: number, leaseMs: number): Promise<Totals> {
    this.#push.lease(Date.now() + leaseMs, shards);
    return this.#shard.totals();
  }

  override async alarm(): Promise<void> {
    this.#sealScheduled = false;
    const dueMs = this.#shard.sealDueMs(sealAfterMs(this.env));
    if (dueMs === undefined) return;
    if (dueMs > Date.now()) return this.#scheduleSeal();
    this.#shard.seal(Date.now());
    logObjectEvent(this.ctx, "sealed");
  }

  get #address(): SliceAddress {
    return parseObjectName(this.ctx.id.name);
  }

  /** Later events put sealing off, which the alarm finds out by itself. */
  #scheduleSeal(): void {
    if (this.#sealScheduled) return;
    const dueMs = this.#shard.sealDueMs(sealAfterMs(this.env));
    if (dueMs === undefined) return;
    this.#sealScheduled = true;
    void this.ctx.storage.setAlarm(Math.min(dueMs, Date.now() + ALARM_HORIZON_MS));
  }
}

function isSame(a: SliceClaim, b: SliceClaim): boolean {
  return a.start === b.start && a.sliceMs === b.sliceMs && a.shards === b.shards;
}
