/**
 * The object behind one shard of one time slice of one site: decides and persists in one synchronous turn, then tells
 * whoever watches. The runtime holds every answer back until the turn is on disk, so whatever a client sees is durable.
 *
 * Its first event claims the slice: the site's object notes that this shard holds data, and the routing object confirms
 * that the slice has as many shards as whoever sent the event believes. Until both are on disk nothing is counted. So an
 * edge with old rules can't bring a user to two shards, and a slice that holds data is one that can be found.
 */
import { DurableObject } from "cloudflare:workers";
import { KnownNames } from "../../core/analytics/known-names.ts";
import type { SliceClaim } from "../../core/analytics/routing.ts";
import type { ShardPart, ShardPosition } from "../../core/analytics/shard-part.ts";
import { SliceShard } from "../../core/analytics/slice-shard.ts";
import type { Recorded, SliceEvent } from "../../core/analytics/slice-shard.ts";
import { addTotals, NO_TOTALS } from "../../core/analytics/totals.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseField, refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { AlarmClock } from "../alarm-clock.ts";
import type { Env } from "../env.ts";
import { eraseObject } from "../erase-object.ts";
import { callObject } from "../object-call.ts";
import { logObjectEvent, logWoken } from "../operations/object-events.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { ImportLog } from "../transfer/import-log.ts";
import { siteStub } from "./durable-analytics.ts";
import { refuseOtherRules } from "./other-rules.ts";
import { hmacPseudonyms, newNameKey, newSalt } from "./pseudonym.ts";
import { sealAfterMs } from "./seal-after.ts";
import { parseObjectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import { SqlSliceStore } from "./slice-sql-store.ts";
import { TotalsPush } from "./totals-push.ts";

/** `stale`: the events were routed by rules that don't hold for this slice; nothing was counted. */
export type RecordOutcome = ({ readonly kind: "recorded" } & Recorded) | { readonly kind: "stale" };

/** What an import sends of one shard: parts that follow each other, the first of them number `from`. */
export interface ImportedParts {
  readonly exportId: string;
  readonly from: number;
  readonly parts: readonly [ShardPart, ...ShardPart[]];
}

export type SliceCalls = Pick<SliceObject, "record" | "totals" | "watch" | "exportPart" | "takeImport" | "erase">;

export class SliceObject extends DurableObject<Env> {
  #shard: SliceShard;
  readonly #push: TotalsPush;
  /** For sealing. Later events put that off, which the alarm finds out by itself. */
  readonly #alarm: AlarmClock;
  /** When an import is taken for given up whose last part doesn't come; known while the object is in memory. */
  #givenUpMs: number | undefined;
  /** How often everything was erased while the object was in memory. */
  #erasures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    logWoken(ctx, env, "SliceObject");
    this.#shard = this.#load();
    this.#alarm = new AlarmClock(ctx.storage, () => this.#sealDueMs());
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
    const granted = await this.#claim(claim);
    if (!granted.ok) return granted;
    if (!granted.value) return succeed({ kind: "stale" });
    const recorded = this.#shard.record(events, claim, Date.now(), newSalt);
    this.#alarm.set();
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

  /** `undefined`: nothing was ever counted here. */
  async exportPart(
    position: ShardPosition,
    limit: number,
  ): Promise<{ readonly part: ShardPart; readonly next: ShardPosition } | undefined> {
    return this.#shard.exportPart(position, limit);
  }

  /** Takes parts of an export. Answers whether this is the shard that was exported; before its last part that is no. */
  async takeImport({ exportId, from, parts }: ImportedParts): Promise<Result<boolean>> {
    const log = new ImportLog(new DurableSql(this.ctx.storage));
    const [{ claim }] = parts;
    const last = parts.at(-1)?.head;
    const admitted = log.admit({ exportId, from, records: parts }, this.#shard.claim !== undefined);
    if (!admitted.ok) return admitted;
    if (admitted.value.skip < parts.length && this.#overflows(last)) {
      return refuseField("totals", "make more than a shard can have counted");
    }
    const granted = await this.#claim(claim);
    if (!granted.ok) return granted;
    if (!granted.value) return refuseOtherRules(claim);
    const take = (records: readonly ShardPart[]) => {
      for (const part of records) this.#shard.restore(part);
    };
    const reload = () => void (this.#shard = this.#load());
    const holdsData = this.#shard.claim !== undefined;
    const taken = log.take({ exportId, from, records: parts }, holdsData, take, reload);
    if (!taken.ok) return taken;
    this.#push.changed();
    this.#givenUpMs ??= Date.now() + sealAfterMs(this.env);
    this.#alarm.set();
    if (last === undefined) return succeed(false);
    return succeed(sameTotals(last, this.#shard.totals()));
  }

  /**
   * Erases everything. What sealing overwrites is overwritten first: of a file that is deleted, the bytes stay on the disk
   * until something else needs the place.
   */
  async erase(): Promise<void> {
    this.#erasures += 1;
    this.#givenUpMs = undefined;
    this.#shard.seal(Date.now());
    await eraseObject(this.ctx.storage, this.#alarm, () => {
      this.#shard = this.#load();
    });
  }

  override async alarm(): Promise<void> {
    // Of an unfinished import, an object that was away knows no more than that the alarm was set for it.
    const dueMs = this.#sealDueMs() ?? (this.#shard.isUnfinished ? 0 : Infinity);
    if (Date.now() >= dueMs) {
      this.#shard.seal(Date.now());
      logObjectEvent(this.ctx, "sealed");
    }
    this.#alarm.setAnew();
  }

  #load(): SliceShard {
    const store = new SqlSliceStore(new DurableSql(this.ctx.storage));
    return new SliceShard(store, hmacPseudonyms, new KnownNames(newNameKey()));
  }

  /** Whether with these totals, which may not be the first that come, counting would stop being exact. */
  #overflows(more: Totals = NO_TOTALS): boolean {
    const { uniqueUsers, clicks, impressions, late } = addTotals(this.#shard.totals(), more);
    return Math.max(uniqueUsers, clicks, impressions, late) > limits.shardEventsMax;
  }

  /** Whether what is about to come was routed as it should have been; claims the slice if nothing came before. */
  async #claim(claim: SliceClaim): Promise<Result<boolean>> {
    if (this.#shard.claim !== undefined) return succeed(isSame(this.#shard.claim, claim));
    const { site, shard } = this.#address;
    const erasures = this.#erasures;
    const granted = await callObject(siteStub(this.env, site), (stub) => stub.claim(claim, shard));
    if (!granted.ok) return granted;
    // A claim that was granted before the site was erased is not in its catalogue any more.
    if (this.#erasures !== erasures) return refuseForNow("The site is being erased.");
    return granted.value;
  }

  get #address(): SliceAddress {
    return parseObjectName(this.ctx.id.name);
  }

  #sealDueMs(): number | undefined {
    return this.#shard.isUnfinished ? this.#givenUpMs : this.#shard.sealDueMs(sealAfterMs(this.env));
  }
}

function sameTotals(a: Totals, b: Totals): boolean {
  return (
    a.uniqueUsers === b.uniqueUsers && a.clicks === b.clicks && a.impressions === b.impressions && a.late === b.late
  );
}

function isSame(a: SliceClaim, b: SliceClaim): boolean {
  return a.start === b.start && a.sliceMs === b.sliceMs && a.shards === b.shards;
}
