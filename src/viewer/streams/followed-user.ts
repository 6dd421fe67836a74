/** One user's notifications as this page follows them, through losses of the connection and pauses by choice. */
import { WeirError } from "../../client/index.ts";
import type { StreamHandle, StreamNotification } from "../../client/index.ts";

export interface FollowedUserOptions {
  readonly told: (notification: StreamNotification) => void;
  /** It ended, and will not go on by itself; in a sentence. */
  readonly failed: (sentence: string) => void;
}

export class FollowedUser {
  readonly name: string;
  readonly #stream: Pick<StreamHandle, "user">;
  readonly #options: FollowedUserOptions;
  #since: number | undefined;
  #stop: AbortController | undefined;

  /** @param since where to begin; without it, from now on */
  constructor(
    stream: Pick<StreamHandle, "user">,
    name: string,
    since: number | undefined,
    options: FollowedUserOptions,
  ) {
    this.#stream = stream;
    this.name = name;
    this.#since = since;
    this.#options = options;
  }

  /** Goes on where it was. */
  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#follow(stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const onCursor = (cursor: number): void => {
      this.#since = cursor;
    };
    try {
      const notifications = this.#stream.user(this.name, { since: this.#since, signal, onCursor });
      for await (const notification of notifications) {
        if (notification.kind === "reset") this.#since = 0;
        this.#options.told(notification);
      }
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      this.#stop = undefined;
      this.#options.failed(error.detail);
    }
  }
}
