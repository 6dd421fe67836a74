/** Analytics of all sites on a server: records events, however often that takes, and reads what they have come to. */
import * as v from "valibot";
import type { EventKind } from "../../core/analytics/decide.ts";
import { DEFAULT_SITE, EventSchema } from "../../protocol/analytics.ts";
import type { RangeAnswer, RoutingBody, SliceAnswer } from "../../protocol/analytics.ts";
import { SiteSchema } from "../../protocol/names.ts";
import type { Site } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import type { HandleContext } from "../handle-context.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveConnectionOptions } from "../live/live-connection.ts";
import { BatchSender } from "../sending/batch-sender.ts";
import { WeirError } from "../weir-error.ts";
import { readSliceFrame } from "./slice-frames.ts";
import type { FollowingFrame } from "./slice-frames.ts";

/** An event as it is recorded. It happened now, on the site named `default`, unless it says otherwise. */
export interface EventInput {
  readonly user: string;
  readonly event: EventKind;
  readonly timestamp?: number | undefined;
  readonly site?: string | undefined;
  /** Of the event, so that it counts once; one is made up for an event that has none. */
  readonly id?: string | undefined;
}

export type SliceLiveOptions = Pick<LiveConnectionOptions<FollowingFrame>, "since" | "onFrame" | "onState"> & {
  readonly site?: string | undefined;
  /** Of the slice to follow; without it, the current one, from each to the next. */
  readonly timestamp?: number | undefined;
};

type Identified = v.InferInput<typeof EventSchema>;

const EventsSchema = v.array(EventSchema);
const ID_BYTES = 16;

export class AnalyticsHandle {
  readonly #context: HandleContext;
  readonly #sender: BatchSender<Identified, undefined>;

  constructor(context: HandleContext) {
    this.#context = context;
    this.#sender = new BatchSender({
      runtime: context.runtime,
      post: async (events, options) => {
        await context.caller.call("analyticsEvents", { params: {}, body: [...events], ...options });
        return events.map(() => undefined);
      },
    });
  }

  /**
   * Records events; any number, together with what else is recorded now. Each is given the time and an id at once, so it
   * counts once and in its own slice, however late it gets through. Resolves once all are acknowledged, and keeps trying
   * until then.
   *
   * Rejects with `invalid_request` or `overloaded`, having taken none; with what the server refuses them for; or when
   * the handle is closed.
   */
  async record(events: EventInput | readonly EventInput[]): Promise<void> {
    const all = (Array.isArray(events) ? (events as readonly EventInput[]) : [events as EventInput]).map((event) =>
      this.#identify(event),
    );
    const parsed = parse(EventsSchema, all, "events");
    if (!parsed.ok) throw WeirError.of(parsed.problem);
    await this.#sender.send(all);
  }

  /** Events that are not acknowledged. */
  get pending(): number {
    return this.#sender.pending;
  }

  /** Tries at once; resolves when every event was acknowledged or refused. */
  flush(): Promise<void> {
    return this.#sender.flush();
  }

  /** Sends no more; what waits is rejected. */
  close(): void {
    this.#sender.close();
  }

  /** The totals of the slice that holds `timestamp`. */
  async slice(timestamp: number, site?: string): Promise<SliceAnswer> {
    const query = { timestamp, site: parseSite(site) };
    return this.#context.caller.call("analyticsSlice", { params: {}, query });
  }

  /** The totals of each slice from the one that holds `from` up to `to`, at most 1,000. */
  async range(from: number, to: number, site?: string): Promise<RangeAnswer> {
    const query = { from, to, site: parseSite(site) };
    return this.#context.caller.call("analyticsRange", { params: {}, query });
  }

  /** How slices lie in time, and how many shards they have. */
  routing(): Promise<RoutingBody> {
    return this.#context.caller.call("analyticsRouting", { params: {} });
  }

  /** Adds rules, or changes the grid while nothing was counted; the whole document. */
  route(routing: RoutingBody): Promise<RoutingBody> {
    return this.#context.caller.call("analyticsRoute", { params: {}, body: routing });
  }

  /** A connection that tells the totals of a slice as they grow; it begins with `connect()`. */
  live({ site, timestamp, ...options }: SliceLiveOptions): LiveConnection<FollowingFrame> {
    const { caller, runtime } = this.#context;
    return new LiveConnection({
      ...options,
      runtime,
      read: readSliceFrame,
      ...caller.live("analyticsLive", (since) => ({ params: {}, query: { site: parseSite(site), timestamp, since } })),
    });
  }

  #identify({ user, event, timestamp, site, id }: EventInput): Identified {
    return {
      timestamp: timestamp ?? this.#context.runtime.nowMs(),
      user,
      event,
      ...(site !== undefined && { site }),
      id: id ?? newId(),
    };
  }
}

function parseSite(site: string = DEFAULT_SITE): Site {
  const parsed = parse(SiteSchema, site, "site");
  if (!parsed.ok) throw WeirError.of(parsed.problem);
  return parsed.value;
}

/** Not `randomUUID`, which pages have over HTTPS only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
