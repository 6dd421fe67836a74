/**
 * One site as this page watches it: the current slice live, across its end, and the slices before it as they were read
 * last. They are read again when a slice ends, when the connection is back, and now and then, since late events come.
 */
import { WeirError } from "../../client/index.ts";
import type { AnalyticsHandle, FollowingFrame, LiveConnection } from "../../client/index.ts";
import type { SliceGrid } from "../../core/analytics/time-slice.ts";
import type { ConnectionStatus } from "../connection-words.ts";
import { liveStatus } from "../live-status.ts";
import { SliceHistory, historyRange } from "./slice-history.ts";
import type { SliceTotals } from "./slice-history.ts";

/** How old the past slices get. */
export const READ_AGAIN_MS = 30_000;
/** What a server has unless it is told otherwise, for pages that may not ask. */
const HOURS: SliceGrid = { sliceMs: 3_600_000, firstSlice: 0 };

export interface CurrentSlice extends SliceTotals {
  /** Everything acknowledged before is counted. */
  readonly asOfMs: number;
}

export interface SiteSessionOptions {
  readonly nowMs: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** Something is to be drawn anew. */
  readonly changed: () => void;
}

export class SiteSession {
  readonly #analytics: AnalyticsHandle;
  readonly #site: string;
  readonly #options: SiteSessionOptions;
  readonly #connection: LiveConnection<FollowingFrame>;
  readonly #history = new SliceHistory();
  #grid = HOURS;
  #current: CurrentSlice | undefined;
  #late: number | undefined;
  #readMs: number | undefined;
  /** Reading, or about to once more. */
  #reading: "no" | "once" | "again" = "no";
  #problem: string | undefined;
  /** What was asked for before the latest is of a former life. */
  #resets = 0;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(analytics: AnalyticsHandle, site: string, options: SiteSessionOptions) {
    this.#analytics = analytics;
    this.#site = site;
    this.#options = options;
    this.#connection = analytics.live({
      site,
      onFrame: (frame) => this.#take(frame),
      onState: (kind) => {
        if (kind === "live") this.#read();
        options.changed();
      },
    });
  }

  get status(): ConnectionStatus {
    return liveStatus([this.#connection]);
  }

  /** `undefined` until it was told. */
  get current(): CurrentSlice | undefined {
    return this.#current;
  }

  /** Events of the current slice that came after it was sealed; `undefined` until it was read. */
  get late(): number | undefined {
    return this.#late;
  }

  /** The last slices, oldest first, the current one included; empty until they were read. */
  get slices(): readonly SliceTotals[] {
    return this.#readMs === undefined ? [] : this.#history.slices;
  }

  /** When the past slices were read last. */
  get readMs(): number | undefined {
    return this.#readMs;
  }

  get sliceMs(): number {
    return this.#grid.sliceMs;
  }

  /** Why the past slices could not be read the last time, in a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  connect(): void {
    this.#connection.connect();
  }

  disconnect(): void {
    this.#connection.disconnect();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#connection.close();
  }

  #take(frame: FollowingFrame): void {
    if (frame.type === "reset") return this.#forget();
    this.#history.take([frame]);
    const totals = this.#history.get(Date.parse(frame.slice));
    const formerMs = this.#current?.startMs;
    // The final totals of the slice that ended come first, then the next.
    if (totals !== undefined && totals.startMs >= (formerMs ?? 0)) {
      this.#current = { ...totals, asOfMs: Date.parse(frame.as_of) };
      if (formerMs !== undefined && totals.startMs !== formerMs) this.#read();
    }
    this.#options.changed();
  }

  /** The site was erased. */
  #forget(): void {
    this.#resets += 1;
    this.#history.clear();
    this.#current = undefined;
    this.#read();
  }

  /** One at a time. What happened meanwhile is read once more after it. */
  #read(): void {
    if (this.#reading !== "no") {
      this.#reading = "again";
      return;
    }
    this.#reading = "once";
    void this.#readOnce().finally(() => {
      const again = this.#reading === "again";
      this.#reading = "no";
      if (this.#isClosed) return;
      this.#options.changed();
      if (again) this.#read();
      else this.#readLater();
    });
  }

  async #readOnce(): Promise<void> {
    this.#cancelTimer?.();
    try {
      await this.#readGrid();
      const askedMs = this.#options.nowMs();
      const resets = this.#resets;
      const { fromMs, toMs } = historyRange(this.#grid, askedMs);
      const [{ slices }, { late }] = await Promise.all([
        this.#analytics.range(fromMs, toMs, this.#site),
        this.#analytics.slice(toMs - 1, this.#site),
      ]);
      if (resets !== this.#resets) return;
      this.#history.take(slices);
      this.#late = late;
      this.#readMs = askedMs;
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      this.#problem = error.detail;
    }
  }

  /** It changes only while there is no data. Who may not ask for it goes on with what is usual. */
  async #readGrid(): Promise<void> {
    try {
      const { slice_ms: sliceMs, first_slice: firstSlice } = await this.#analytics.routing();
      if (sliceMs === this.#grid.sliceMs && firstSlice === this.#grid.firstSlice) return;
      this.#grid = { sliceMs, firstSlice };
      this.#history.clear();
    } catch (error) {
      if (!(error instanceof WeirError && (error.code === "unauthorized" || error.code === "forbidden"))) throw error;
    }
  }

  #readLater(): void {
    this.#cancelTimer = this.#options.setTimer(READ_AGAIN_MS, () => {
      if (this.#connection.kind === "live") this.#read();
      else this.#readLater();
    });
  }
}
