/**
 * A live hub on the sockets of a real object, with a feed and limits of the test's own. The object is there for its
 * sockets only: its own hub doesn't know them, so what a viewer sends is handed on by the test.
 */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { succeed } from "../../../src/protocol/problem.ts";
import type { Result } from "../../../src/protocol/problem.ts";
import type { Feed } from "../../../src/worker/live/feed.ts";
import { withViewerRights } from "../../../src/worker/live/viewer-rights.ts";
import type { ViewerRights } from "../../../src/worker/live/viewer-rights.ts";
import { LiveHub } from "../../../src/worker/live/live-hub.ts";
import { DEFAULT_LIVE_LIMITS } from "../../../src/worker/live/live-limits.ts";
import type { LiveLimits } from "../../../src/worker/live/live-limits.ts";
import { EventReader } from "./event-reader.ts";
import { LiveSocket } from "./live-socket.ts";

const WRITER: ViewerRights = { mayWrite: true };

export interface HubViewer {
  /** The client's end. */
  readonly client: LiveSocket;
  /** The object's end, as the hub knows it. */
  readonly server: WebSocket;
}

export class HubTest {
  readonly hub: LiveHub;
  readonly #ctx: DurableObjectState;

  constructor(
    ctx: DurableObjectState,
    feed: Feed,
    limits: Partial<LiveLimits>,
    write: (body: unknown) => Promise<Result<object>> = async () => succeed({}),
  ) {
    this.#ctx = ctx;
    this.hub = new LiveHub(ctx, feed, write, { set: () => {} }, { ...DEFAULT_LIVE_LIMITS, ...limits });
  }

  tryConnect(since?: string, rights: ViewerRights = WRITER): Response {
    const request = new Request(liveUrl(since), { headers: { Upgrade: "websocket" } });
    return this.hub.connect(withViewerRights(request, rights), "topic");
  }

  connect(since?: string, rights: ViewerRights = WRITER): HubViewer {
    const others = new Set(this.#ctx.getWebSockets());
    const client = new LiveSocket(this.tryConnect(since, rights).webSocket!);
    const server = this.#ctx.getWebSockets().find((socket) => !others.has(socket))!;
    return { client, server };
  }

  tryConnectEvents(since?: string, rights: ViewerRights = WRITER): Response {
    return this.hub.connect(withViewerRights(new Request(liveUrl(since)), rights), "topic");
  }

  connectEvents(since?: string, rights: ViewerRights = WRITER): EventReader {
    return new EventReader(this.tryConnectEvents(since, rights));
  }
}

function liveUrl(since: string | undefined): string {
  return since === undefined ? "http://weir/live" : `http://weir/live?since=${encodeURIComponent(since)}`;
}

/** Runs a test inside an object of its own. */
export function inObject<T>(test: (ctx: DurableObjectState) => Promise<T>): Promise<T> {
  return runInDurableObject(env.SETS.getByName(crypto.randomUUID()), (_, ctx) => test(ctx));
}
