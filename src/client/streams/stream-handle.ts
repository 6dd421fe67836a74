/**
 * One stream on a server: its routes as typed methods, a user's notifications, and a source of lines. Holds no state, and
 * costs nothing until it is used.
 */
import type { GatewayFrame } from "../../protocol/stream-frames.ts";
import type {
  DeadLettersAnswer,
  IngestAnswer,
  StatusAnswer,
  StreamOptionsAnswer,
  StreamOptionsBody,
} from "../../protocol/streams.ts";
import type { PathOf } from "../api-caller.ts";
import type { HandleContext } from "../handle-context.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveConnectionOptions } from "../live/live-connection.ts";
import type { WeirError } from "../weir-error.ts";
import { readGatewayFrame, readUserFrame } from "./stream-frames.ts";
import type { UserFrame } from "./stream-frames.ts";
import { StreamSource } from "./stream-source.ts";
import type { StreamSourceOptions } from "./stream-source.ts";
import { isFinal, UserNotifications } from "./user-notifications.ts";
import type { UserNotificationsOptions } from "./user-notifications.ts";

export type UserLiveOptions = Pick<LiveConnectionOptions<UserFrame>, "onFrame" | "onState"> & {
  /** The number after which to begin; without it, from now on. */
  readonly since?: number | undefined;
};

export type GatewayLiveOptions = Pick<LiveConnectionOptions<GatewayFrame>, "onFrame" | "onState">;

/** Before a question is asked again that could not be answered. */
const PAUSE_MS = 1_000;

export class StreamHandle {
  readonly name: string;
  readonly #context: HandleContext;

  constructor(name: string, context: HandleContext) {
    this.name = name;
    this.#context = context;
  }

  /** Creates the stream, or changes those of its options that are named; answers all of them. */
  configure(options: StreamOptionsBody = {}): Promise<StreamOptionsAnswer> {
    return this.#context.caller.call("streamOptions", { params: this.#params, body: options });
  }

  /** How far it is, what blocks it, who is connected, and its options. */
  status(signal?: AbortSignal): Promise<StatusAnswer> {
    return this.#context.caller.call("streamStatus", { params: this.#params, signal });
  }

  /** Erases the stream with everything in it, and closes its connections. */
  async erase(): Promise<void> {
    await this.#context.caller.call("streamErase", { params: this.#params });
  }

  /**
   * Sends lines in one request, all or none of which are taken. Each is `<number>|<type>|<from>|<to>`; the order is up to
   * you. Lines that are no events come back as dead letters, not as errors.
   */
  ingest(lines: readonly string[]): Promise<IngestAnswer> {
    return this.#context.caller.call("streamIngest", { params: this.#params, body: lines.join("\n") });
  }

  /** Lines that were no events or came too late, the oldest first. */
  deadLetters(page: { readonly since?: number; readonly limit?: number } = {}): Promise<DeadLettersAnswer> {
    return this.#context.caller.call("streamDeadLetters", { params: this.#params, query: page });
  }

  /**
   * What a user is told, as an async iterable: each event once and in order, through every loss of the connection. It
   * begins when it is iterated, and ends with `break`, its `signal`, or a refusal, which it throws.
   */
  user(user: string, options: UserNotificationsOptions = {}): UserNotifications {
    const { caller, runtime } = this.#context;
    const params = { ...this.#params, user };
    return new UserNotifications(options, {
      connect: (live) => this.#userLive(user, live, isFinal),
      findRefusal: (since, signal) => caller.findRefusal("streamUserLive", { params, query: { since }, signal }),
      pause: () => new Promise((resolve) => void runtime.setTimer(PAUSE_MS, resolve)),
    });
  }

  /** A source of lines over one connection, which begins with the first of them. */
  source(options: StreamSourceOptions = {}): StreamSource {
    const { caller, runtime } = this.#context;
    return new StreamSource(options, { runtime, ...caller.live("streamSource", () => ({ params: this.#params })) });
  }

  /** A connection that tells a user's frames; it begins with `connect()`. */
  userLive(user: string, options: UserLiveOptions): LiveConnection<UserFrame> {
    return this.#userLive(user, options);
  }

  /** A connection for many users and sources; it begins with `connect()`. What is said on it is the caller's affair. */
  gateway(options: GatewayLiveOptions): LiveConnection<GatewayFrame> {
    const { caller, runtime } = this.#context;
    return new LiveConnection<GatewayFrame>({
      ...options,
      runtime,
      read: readGatewayFrame,
      ...caller.live("streamGateway", () => ({ params: this.#params })),
    });
  }

  #userLive(
    user: string,
    { since, onFrame, onState }: UserLiveOptions,
    ends?: (refusal: WeirError) => boolean,
  ): LiveConnection<UserFrame> {
    const { caller, runtime } = this.#context;
    const params = { ...this.#params, user };
    return new LiveConnection<UserFrame>({
      runtime,
      onFrame,
      onState,
      since: since === undefined ? undefined : String(since),
      read: readUserFrame,
      ...caller.live(
        "streamUserLive",
        (from) => ({ params, query: from === undefined ? {} : { since: Number(from) } }),
        ends,
      ),
    });
  }

  get #params(): PathOf<"streamStatus"> {
    return { stream: this.name };
  }
}
