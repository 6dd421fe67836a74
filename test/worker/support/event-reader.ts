/** Reads Server-Sent Events one by one, as slowly as the test wants. */
import type { Frame } from "./live-socket.ts";
import { request } from "./request.ts";

export interface ServerEvent {
  /** Lines by their field; the empty field is a comment. */
  readonly fields: Readonly<Record<string, string>>;
  readonly frame: Frame | undefined;
}

export class EventReader {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    this.response = response;
    this.#reader = response.body!.getReader();
  }

  async next(): Promise<ServerEvent> {
    while (!this.#text.includes("\n\n")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("The stream ended");
      this.#text += this.#decoder.decode(value, { stream: true });
    }
    const end = this.#text.indexOf("\n\n");
    const lines = this.#text.slice(0, end).split("\n");
    this.#text = this.#text.slice(end + 2);
    const fields = Object.fromEntries(lines.map((line) => [line.split(": ", 1)[0]!, line.replace(/^[^:]*: /, "")]));
    const { data } = fields;
    return { fields, frame: data === undefined ? undefined : (JSON.parse(data) as Frame) };
  }

  /** The bytes that come next, as they are. */
  async readRaw(): Promise<Uint8Array> {
    const { value } = await this.#reader.read();
    return value ?? new Uint8Array();
  }

  /** The next event that carries a frame. */
  async nextFrame(): Promise<ServerEvent & { readonly frame: Frame }> {
    for (;;) {
      const event = await this.next();
      if (event.frame !== undefined) return { ...event, frame: event.frame };
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

export async function openEvents(path: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
  return new EventReader(await request("GET", path, { headers: { Accept: "text/event-stream", ...headers } }));
}
