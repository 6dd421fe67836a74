/**
 * One set on a server: its routes as typed methods. Holds no state but a clock; for a copy that works offline use
 * `LwwSetReplica`.
 *
 * Writes are stamped here rather than by the server, so that each can be repeated without becoming another operation.
 */
import type { Op } from "../../core/sets/lww.ts";
import { limits } from "../../protocol/limits.ts";
import type {
  ChangesAnswer,
  ElementAnswer,
  ElementsAnswer,
  OpsAnswer,
  SetOptionsAnswer,
  SetOptionsBody,
} from "../../protocol/sets.ts";
import { DEFAULT_SET_OPTIONS } from "../../core/sets/lww-set.ts";
import type { ApiCaller, PathOf } from "../api-caller.ts";
import type { HandleContext } from "../handle-context.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveConnectionOptions } from "../live/live-connection.ts";
import type { Runtime } from "../runtime.ts";
import { HybridClock } from "./hybrid-clock.ts";
import { readSetFrame } from "./set-frames.ts";
import type { SetFrame } from "./set-frames.ts";

/** An operation to send; stamped with this clock unless it says when. */
export interface OpInput {
  readonly op: Op;
  readonly element: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp?: number | undefined;
}

export type SetLiveOptions = Pick<LiveConnectionOptions<SetFrame>, "since" | "onFrame" | "onState">;

export class SetHandle {
  readonly name: string;
  readonly runtime: Runtime;
  readonly #caller: ApiCaller;
  readonly #clock: HybridClock;

  constructor(name: string, { caller, runtime }: HandleContext) {
    this.name = name;
    this.runtime = runtime;
    this.#caller = caller;
    this.#clock = new HybridClock(() => runtime.nowMs(), DEFAULT_SET_OPTIONS.maxSkewMs);
  }

  /** Creates the set with options, which stay. Throws `conflict` if it exists with others. */
  create(options: SetOptionsBody = {}): Promise<SetOptionsAnswer> {
    return this.#caller.call("setCreate", { params: this.#params, body: options });
  }

  add(element: string): Promise<OpsAnswer> {
    return this.apply([{ op: "add", element }]);
  }

  remove(element: string): Promise<OpsAnswer> {
    return this.apply([{ op: "remove", element }]);
  }

  /** At most 10,000 operations, all or none of which are accepted for looking right; each gets a verdict. */
  apply(ops: readonly OpInput[]): Promise<OpsAnswer> {
    const stamped = ops.map(({ op, element, timestamp }) => ({
      op,
      element,
      timestamp: timestamp ?? this.#clock.stamp(),
    }));
    return this.#caller.call("setOps", { params: this.#params, body: { ops: stamped } });
  }

  /** Whether `element` is a member, and of when the operation is that decided so. `.` and `..` only {@link has} finds. */
  entry(element: string): Promise<ElementAnswer> {
    return this.#caller.call("setElement", { params: { ...this.#params, element } });
  }

  async has(element: string): Promise<boolean> {
    // No URL can name these two in its path. But the members are in order, and one can ask for the first after the
    // greatest text that is less.
    if (element === "." || element === "..") {
      const { elements } = await this.elements({ limit: 1, cursor: greatestBefore(element) });
      return elements[0] === element;
    }
    return (await this.entry(element)).present;
  }

  /** A page of the members, in code point order. Only `cursor: null` is the end; a page may come short. */
  elements(page: { readonly limit?: number; readonly cursor?: string } = {}): Promise<ElementsAnswer> {
    return this.#caller.call("setElements", { params: this.#params, query: page });
  }

  /** All members, read a page at a time; what is written meanwhile may or may not be among them. */
  async *members(): AsyncGenerator<string, void, undefined> {
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: ElementsAnswer = await this.elements({
        limit: limits.pageRowsMax,
        ...(cursor !== "" && { cursor }),
      });
      yield* page.elements;
      cursor = page.cursor;
    }
  }

  /** What changed since an offset; with `wait`, in milliseconds, it waits for something. Throws `offset_gone`. */
  changes({
    signal,
    ...query
  }: {
    readonly since?: string;
    readonly limit?: number;
    readonly wait?: number;
    readonly signal?: AbortSignal;
  } = {}): Promise<ChangesAnswer> {
    return this.#caller.call("setChanges", { params: this.#params, query, signal });
  }

  /** Erases the set with its options and history. */
  async erase(): Promise<void> {
    await this.#caller.call("setErase", { params: this.#params });
  }

  /** A connection that tells every change as it happens; it begins with `connect()`. */
  live(options: SetLiveOptions): LiveConnection<SetFrame> {
    return new LiveConnection({
      ...options,
      runtime: this.runtime,
      read: readSetFrame,
      ...this.#caller.live("setLive", (since) => ({ params: this.#params, query: { since } })),
    });
  }

  get #params(): PathOf<"setOps"> {
    return { set: this.name };
  }
}

/** The greatest element that is less than `.` or `..`: everything but the last character, the one before it, and the rest filled up. */
function greatestBefore(element: "." | ".."): string {
  // U+10FFFF has 4 bytes and is the greatest character; U+FFFF is the greatest of those that have 3.
  const start = element.slice(0, -1) + String.fromCharCode(".".charCodeAt(0) - 1);
  const bytesLeft = limits.elementBytesMax - start.length;
  const fours = Math.floor(bytesLeft / 4);
  const rest = ["", "\u007f", "\u07ff", "\uffff"][bytesLeft % 4] ?? "";
  return start + "\u{10ffff}".repeat(fours) + rest;
}
