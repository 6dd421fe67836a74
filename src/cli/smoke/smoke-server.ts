/**
 * The server as a smoke test sees it: requests with what must come back. Each carries an id of its own, by which its line
 * can be found in the server's log; a failure tells it.
 */
import { tokenFromEnvironment } from "../arguments.ts";

const DEADLINE_MS = 15_000;

/** What a server did instead of what it should have done. */
export class SmokeFailure extends Error {
  override readonly name = "SmokeFailure";
}

export interface SmokeRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class SmokeServer {
  readonly #url: URL;
  readonly #run: string;
  readonly #token = tokenFromEnvironment();
  #requests = 0;

  /** @param run tells this run's names and ids from those of others */
  constructor(url: URL, run: string) {
    this.#url = url;
    this.#run = run;
  }

  /** A name that nobody has used, and that nothing in a path can be confused with. */
  name(of: string): string {
    return `smoke-${this.#run}-${of}`;
  }

  /** The answer's status, whatever it is. */
  async status(request: SmokeRequest): Promise<number> {
    const { response } = await this.#send(request);
    await response.arrayBuffer();
    return response.status;
  }

  /** The answer's text, which must come with `status`. */
  async text(request: SmokeRequest, status = 200): Promise<string> {
    const { response, id } = await this.#send(request);
    const text = await response.text();
    if (response.status !== status) {
      throw new SmokeFailure(
        `${titleOf(request)} answered ${response.status} and not ${status} (request ${id}): ${text}`,
      );
    }
    return text;
  }

  async json(request: SmokeRequest, status = 200): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.text(request, status)) as Readonly<Record<string, unknown>>;
  }

  /** Follows `path` on a WebSocket, does something, and answers with the first frame that `isWanted`. */
  async frame(
    path: string,
    act: () => Promise<unknown>,
    isWanted: (frame: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<void> {
    const url = new URL(path, this.#url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, this.#token === undefined ? [] : ["weir", `bearer.${this.#token}`]);
    const found = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => found.reject(new SmokeFailure(`${path} did not tell of it in time`)), DEADLINE_MS);
    socket.addEventListener("error", () => found.reject(new SmokeFailure(`${path} could not be connected`)));
    socket.addEventListener("close", ({ code }) => found.reject(new SmokeFailure(`${path} was closed with ${code}`)));
    socket.addEventListener("message", ({ data }) => {
      if (isWanted(JSON.parse(String(data)) as Readonly<Record<string, unknown>>)) found.resolve(undefined);
    });
    socket.addEventListener("open", () => void act().catch((error: unknown) => found.reject(error)));
    try {
      await found.promise;
    } finally {
      clearTimeout(timer);
      socket.close();
    }
  }

  async #send(request: SmokeRequest): Promise<{ readonly response: Response; readonly id: string }> {
    const { method, path, body, headers } = request;
    const id = `${this.name("request")}-${++this.#requests}`;
    const authorization = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    try {
      const response = await fetch(new URL(path, this.#url), {
        method,
        headers: { ...headers, ...authorization, "X-Request-Id": id },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      return { response, id };
    } catch {
      throw new SmokeFailure(`${titleOf(request)}: ${this.#url.origin} could not be reached in time.`);
    }
  }
}

function titleOf({ method, path }: SmokeRequest): string {
  return `${method} ${path}`;
}

/** @param what the sentence that is true unless the server is broken */
export function must(holds: boolean, what: string, saw: unknown): void {
  if (!holds) throw new SmokeFailure(`${what}; but the answer was ${JSON.stringify(saw)}`);
}
