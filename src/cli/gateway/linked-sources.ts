/**
 * The sources of a gateway as its stream knows them: opened, fed within their credit, ended after their last line. A
 * source that the stream has no place for waits if one of ours is about to give up its own, or must: the successor of a
 * dead source is not locked out.
 */
import type { GatewayFrame, GatewayMessage } from "../../protocol/stream-frames.ts";
import type { GatewaySource } from "./gateway-source.ts";

type Figures = Extract<GatewayFrame, { readonly type: "ack" | "ended" }>;
type Refusal = Extract<GatewayFrame, { readonly type: "refused" }>;

/**
 * For so long after it came a source that there is no place for keeps asking: a program that starts anew may be heard of
 * before the end of its former self is.
 */
const PATIENCE_MS = 2_000;

interface Linked {
  readonly source: GatewaySource;
  readonly sinceMs: number;
  /** `waiting`: the stream had no place; `opening`: asked, and not answered on this connection. */
  state: "waiting" | "opening" | "open" | "ending";
}

export class LinkedSources {
  readonly #linked = new Map<number, Linked>();
  readonly #send: (message: GatewayMessage) => void;
  readonly #log: (text: string) => void;
  #endedCursor = 0;

  constructor(send: (message: GatewayMessage) => void, log: (text: string) => void) {
    this.#send = send;
    this.#log = log;
  }

  /** The stream has processed so much of what sources that ended have sent. */
  get endedCursor(): number {
    return this.#endedCursor;
  }

  get size(): number {
    return this.#linked.size;
  }

  get all(): readonly GatewaySource[] {
    return Array.from(this.#linked.values(), ({ source }) => source);
  }

  add(source: GatewaySource, isConnected: boolean): void {
    const linked: Linked = { source, state: "waiting", sinceMs: performance.now() };
    this.#linked.set(source.id, linked);
    if (isConnected) this.#open(linked);
  }

  /** Sends what there is, as far as the credit goes; then the end, if it has come. */
  pump(source: GatewaySource): void {
    const linked = this.#linked.get(source.id);
    if (linked === undefined) return;
    const { id, outbox, hasEnded } = source;
    // One that never was let in, and has nothing to say, just goes.
    if (hasEnded && !source.isAccepted && linked.state === "waiting") return this.#remove(source);
    if (linked.state !== "open") return;
    for (let lines = outbox.take(hasEnded); lines !== undefined; lines = outbox.take(hasEnded)) {
      this.#send({ type: "lines", id, lines });
    }
    if (!hasEnded || outbox.unsentChars > 0) return;
    linked.state = "ending";
    this.#send({ type: "end", id });
  }

  /** Answers whether the figures can be. */
  take({ type, id, lines, credit, cursor, dead_letters: deadLetters, duplicates }: Figures): boolean {
    const linked = this.#linked.get(id);
    if (linked === undefined) return true;
    const { source } = linked;
    if (!source.outbox.ack(lines, credit)) return false;
    if (linked.state === "opening") {
      linked.state = "open";
      source.accept();
    }
    if (type === "ended") {
      this.#endedCursor = cursor;
      const aside = `${duplicates} duplicates, ${deadLetters} dead letters, cursor ${cursor}`;
      this.#log(`source ${id} has ended; its last ${lines} lines are committed: ${aside}`);
      this.#remove(source);
      this.openWaiting();
      return true;
    }
    this.pump(source);
    source.acknowledged();
    return true;
  }

  /** Answers whether to try again later. */
  refused({ id, detail }: Refusal): boolean {
    const linked = this.#linked.get(id);
    if (linked === undefined) return false;
    const { source } = linked;
    linked.state = "waiting";
    // It was in before the connection broke; its old place may not be free yet.
    if (source.isAccepted) return true;
    if (this.#isPlaceComing(source) || performance.now() - linked.sinceMs < PATIENCE_MS) return true;
    this.#log(`source ${id} was refused: ${detail}`);
    this.#remove(source);
    return false;
  }

  openWaiting(): void {
    for (const linked of this.#linked.values()) if (linked.state === "waiting") this.#open(linked);
  }

  connected(): void {
    for (const linked of this.#linked.values()) this.#open(linked);
  }

  disconnected(): void {
    for (const linked of this.#linked.values()) linked.state = "waiting";
  }

  #open(linked: Linked): void {
    linked.state = "opening";
    linked.source.outbox.rewind();
    this.#send({ type: "source", id: linked.source.id });
  }

  /** Whether another source of ours is ending; one that has been silent for long is made to. */
  #isPlaceComing(wanting: GatewaySource): boolean {
    const others = this.all.filter((source) => source !== wanting && source.isAccepted);
    if (others.some(({ hasEnded }) => hasEnded)) return true;
    const silent = others.find(({ isSilent }) => isSilent);
    if (silent === undefined) return false;
    this.#log(`source ${silent.id} was silent and gave its place to source ${wanting.id}`);
    silent.stopReading();
    return true;
  }

  #remove(source: GatewaySource): void {
    this.#linked.delete(source.id);
    source.close();
  }
}
