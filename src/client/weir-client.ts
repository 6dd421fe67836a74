/** The way in: one server, one token. Hands out handles of the things on it. */
import { AnalyticsHandle } from "./analytics/analytics-handle.ts";
import { ApiCaller } from "./api-caller.ts";
import { ItemsHandle } from "./counters/items-handle.ts";
import type { HandleContext } from "./handle-context.ts";
import { platformRuntime } from "./runtime.ts";
import type { Runtime } from "./runtime.ts";
import { SetHandle } from "./sets/set-handle.ts";
import { StreamHandle } from "./streams/stream-handle.ts";
import { TokenSource } from "./token-source.ts";
import type { TokenOption } from "./token-source.ts";

export interface WeirClientOptions {
  /** Of the server, as in `http://127.0.0.1:8787`. Anything after the port is ignored. */
  readonly url: string | URL;
  /**
   * A JWT, or what gives a fresh one: it is asked when there is none, when the one it gave is about to expire, and when the
   * server refused it. Without it requests are anonymous.
   */
  readonly token?: TokenOption | undefined;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
  /** In place of the platform's clock, chance, timers and sockets; for tests. */
  readonly runtime?: Runtime;
}

export class WeirClient {
  readonly #context: HandleContext;
  #items: ItemsHandle | undefined;
  #analytics: AnalyticsHandle | undefined;

  constructor({ url, token, fetch: fetchWith, runtime = platformRuntime }: WeirClientOptions) {
    const caller = new ApiCaller({
      url: new URL("/", url),
      tokens: new TokenSource(token, () => runtime.nowMs()),
      // A method of the client must not become the receiver of the global `fetch`, which browsers refuse.
      fetch: fetchWith ?? ((input, init) => fetch(input, init)),
      runtime,
    });
    this.#context = { caller, runtime };
  }

  /** Any route of the contract, by its name in the endpoints table. */
  get call(): ApiCaller["call"] {
    return this.#context.caller.call.bind(this.#context.caller);
  }

  /** The same for routes whose answers are lines of JSON, in chunks as they come. */
  get download(): ApiCaller["download"] {
    return this.#context.caller.download.bind(this.#context.caller);
  }

  /** The set called `name`. Costs nothing: a set comes into being when it is written. */
  set(name: string): SetHandle {
    return new SetHandle(name, this.#context);
  }

  /** The stream called `name`. Costs nothing: a stream comes into being when it is written. */
  stream(name: string): StreamHandle {
    return new StreamHandle(name, this.#context);
  }

  /** The items of all tenants. One handle, so that whatever is reported by this client goes in common batches. */
  get items(): ItemsHandle {
    this.#items ??= new ItemsHandle(this.#context);
    return this.#items;
  }

  /** Analytics of all sites. One handle, so that whatever is recorded by this client goes in common batches. */
  get analytics(): AnalyticsHandle {
    this.#analytics ??= new AnalyticsHandle(this.#context);
    return this.#analytics;
  }
}
