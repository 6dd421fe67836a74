/** The items of all tenants on a server: reports them, however often it takes, and reads what they have come to. */
import * as v from "valibot";
import type { Verdict } from "../../core/counters/distinct.ts";
import { ItemSchema } from "../../protocol/counters.ts";
import type { CountedAnswer } from "../../protocol/counters.ts";
import { parse } from "../../protocol/parse.ts";
import type { HandleContext } from "../handle-context.ts";
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveConnectionOptions } from "../live/live-connection.ts";
import { BatchSender } from "../sending/batch-sender.ts";
import { WeirError } from "../weir-error.ts";
import { readCountFrame } from "./count-frames.ts";
import type { CountingFrame } from "./count-frames.ts";

export type ItemInput = Readonly<v.InferInput<typeof ItemSchema>>;

export type CountLiveOptions = Pick<LiveConnectionOptions<CountingFrame>, "since" | "onFrame" | "onState">;

const ItemsSchema = v.array(ItemSchema);

export class ItemsHandle {
  readonly #context: HandleContext;
  readonly #sender: BatchSender<ItemInput, Verdict>;

  constructor(context: HandleContext) {
    this.#context = context;
    this.#sender = new BatchSender({
      runtime: context.runtime,
      post: async (items, options) => {
        const query = { verdicts: "true" } as const;
        const answer = await context.caller.call("itemsObserve", { params: {}, query, body: [...items], ...options });
        return answer.verdicts ?? [];
      },
    });
  }

  /**
   * Reports items; any number, together with what else is reported now. Resolves with the verdict of each once all are
   * acknowledged, and keeps trying until then. Where an answer was lost, an item that counted by the first try is a
   * `duplicate` by the second.
   *
   * Rejects with `invalid_request` or `overloaded`, having taken none; with what the server refuses them for; or when
   * the handle is closed.
   */
  observe(items: readonly ItemInput[]): Promise<readonly Verdict[]> {
    const parsed = parse(ItemsSchema, items, "items");
    return parsed.ok
      ? this.#sender.send(items.map(({ id, tenant }) => ({ id, tenant })))
      : Promise.reject(WeirError.of(parsed.problem));
  }

  /** Items that are not acknowledged. */
  get pending(): number {
    return this.#sender.pending;
  }

  /** Tries at once; resolves when every item was acknowledged or refused. */
  flush(): Promise<void> {
    return this.#sender.flush();
  }

  /** Sends no more; reports that wait are rejected. */
  close(): void {
    this.#sender.close();
  }

  /** How many distinct items a tenant has. */
  async count(tenant: string): Promise<number> {
    return (await this.#context.caller.call("itemsCount", { params: { tenant } })).count;
  }

  /** Whether an item was counted, and when. The ids `.` and `..` can't be asked for, since no URL can name them. */
  counted(tenant: string, id: string): Promise<CountedAnswer> {
    return this.#context.caller.call("itemsItem", { params: { tenant, id } });
  }

  /** Erases a tenant's items; each counts again when it comes again. */
  async erase(tenant: string): Promise<void> {
    await this.#context.caller.call("itemsErase", { params: { tenant } });
  }

  /** A connection that tells the count as it changes; it begins with `connect()`. */
  live(tenant: string, options: CountLiveOptions): LiveConnection<CountingFrame> {
    const { caller, runtime } = this.#context;
    return new LiveConnection({
      ...options,
      runtime,
      read: readCountFrame,
      ...caller.live("itemsLive", (since) => ({ params: { tenant }, query: { since } })),
    });
  }
}
