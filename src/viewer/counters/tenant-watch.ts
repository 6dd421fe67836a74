/**
 * The counts of some tenants, live: one connection for each, which count as one to whoever looks. Holds a number for each
 * tenant and nothing of its items.
 */
import { compareCodePoints } from "../../core/text.ts";
import type { ConnectionStateKind, CountingFrame, LiveConnection, WeirClient } from "../../client/index.ts";
import type { ConnectionStatus } from "../connection-words.ts";
import { liveStatus } from "../live-status.ts";
import { RateMeter } from "../rate-meter.ts";

/** Of the connections; with more than some sixteen, browsers put off opening each for seconds. */
const OPENING_MAX = 8;

export interface TenantCount {
  readonly tenant: string;
  /** `undefined` until the first answer. */
  readonly count: number | undefined;
  /** New items, lately. */
  readonly perSecond: number;
}

export interface TenantWatchOptions {
  readonly nowMs: () => number;
  /** Something is to be drawn anew. */
  readonly changed: () => void;
}

const TO_OPEN: ReadonlySet<ConnectionStateKind> = new Set(["idle", "waiting", "offline"]);

interface Watched {
  readonly tenant: string;
  readonly meter: RateMeter;
  readonly connection: LiveConnection<CountingFrame>;
  count: number | undefined;
}

export class TenantWatch {
  readonly #nowMs: () => number;
  readonly #changed: () => void;
  readonly #watched: readonly Watched[];
  #isWanted = false;

  constructor(client: Pick<WeirClient, "items">, tenants: readonly string[], { nowMs, changed }: TenantWatchOptions) {
    this.#nowMs = nowMs;
    this.#changed = changed;
    this.#watched = tenants.map((tenant) => this.#watch(client, tenant));
  }

  get status(): ConnectionStatus {
    const connections = this.#watched.map(({ connection }) => connection);
    // Those whose turn to be opened has not come are not offline by choice.
    return liveStatus(connections.filter(({ kind }) => !this.#isWanted || kind !== "idle"));
  }

  /** The greatest count first; those not known yet last. */
  counts(): readonly TenantCount[] {
    const nowMs = this.#nowMs();
    return this.#watched
      .map(({ tenant, count, meter }) => ({ tenant, count, perSecond: meter.perSecond(nowMs) }))
      .sort((a, b) => (b.count ?? -1) - (a.count ?? -1) || compareCodePoints(a.tenant, b.tenant));
  }

  connect(): void {
    this.#isWanted = true;
    for (const { connection } of this.#watched) if (connection.kind === "refused") connection.disconnect();
    this.#openMore();
  }

  disconnect(): void {
    this.#isWanted = false;
    for (const { connection } of this.#watched) connection.disconnect();
  }

  close(): void {
    for (const { connection } of this.#watched) connection.close();
  }

  #watch(client: Pick<WeirClient, "items">, tenant: string): Watched {
    const meter = new RateMeter();
    const connection = client.items.live(tenant, {
      onFrame: (frame) => {
        if (frame.type === "reset") meter.clear();
        else {
          watched.count = frame.count;
          meter.push(frame.count, this.#nowMs());
        }
        this.#changed();
      },
      onState: (kind, former) => {
        if (former === "live") meter.clear();
        if (kind === "live" || kind === "refused") this.#openMore();
        this.#changed();
      },
    });
    const watched: Watched = { tenant, meter, connection, count: undefined };
    return watched;
  }

  /** Once one gets through, the server is there, so those that wait for their next try need wait no longer. */
  #openMore(): void {
    if (!this.#isWanted) return;
    let opening = this.#watched.filter(({ connection }) => connection.kind === "connecting").length;
    for (const { connection } of this.#watched) {
      if (opening >= OPENING_MAX) return;
      if (!TO_OPEN.has(connection.kind)) continue;
      opening += 1;
      connection.connect();
    }
  }
}
