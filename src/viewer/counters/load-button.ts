/** The button that generates a load, and beside it how far that is and what came of it. One at a time. */
import { WeirError } from "../../client/index.ts";
import { count, counted } from "../count-words.ts";
import { part, setText } from "../parts.ts";
import { LOAD_ITEMS, runLoad } from "./load-run.ts";
import type { LoadOptions, LoadResult } from "./load-run.ts";

export interface LoadButtonOptions extends Pick<LoadOptions, "tenants" | "observe"> {
  /** Told what it did, in a sentence. */
  readonly done: (sentence: string) => void;
}

export class LoadButton {
  readonly #options: LoadButtonOptions;
  readonly #button: HTMLButtonElement;
  readonly #note: HTMLElement;
  #stopping = new AbortController();
  #isRunning = false;

  constructor(root: ParentNode & Element, options: LoadButtonOptions) {
    this.#options = options;
    this.#button = part(root, "load", HTMLButtonElement);
    this.#note = part(root, "load-note", HTMLElement);
    setText(this.#button, `Report ${count(LOAD_ITEMS)} items`);
    const over = options.tenants.length === 1 ? "" : ` over ${counted(options.tenants.length, "tenant")}`;
    setText(this.#note, `Made up ones${over}, each id twice, so half are duplicates.`);
    this.#button.addEventListener("click", () => {
      if (!this.#isRunning) void this.#run();
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** This server takes no writes of this page. */
  forbid(): void {
    this.#button.hidden = true;
    setText(this.#note, "This server takes no items from this page.");
  }

  async #run(): Promise<void> {
    this.#setRunning(true);
    const startMs = performance.now();
    try {
      const result = await runLoad({
        ...this.#options,
        name: runName(),
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        progress: (sent) => setText(this.#note, `${count(sent)} of ${count(LOAD_ITEMS)} acknowledged.`),
        signal: this.#stopping.signal,
      });
      const sentence = loadSentence(result, performance.now() - startMs);
      setText(this.#note, sentence);
      this.#options.done(sentence);
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      setText(this.#note, error.detail);
      if (error.code === "unauthorized" || error.code === "forbidden") this.forbid();
    } finally {
      this.#setRunning(false);
    }
  }

  /** Not `disabled`, which would take the focus from it. */
  #setRunning(isRunning: boolean): void {
    this.#isRunning = isRunning;
    this.#button.ariaDisabled = isRunning ? "true" : null;
  }
}

function loadSentence({ items, fresh, duplicates }: LoadResult, ms: number): string {
  const seconds = (ms / 1000).toFixed(1);
  return `${counted(items, "item")} in ${seconds} s: ${count(fresh)} new, ${counted(duplicates, "duplicate")}`;
}

/** Unlike that of any other run, on any page. */
function runName(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `load-${Array.from(random, (word) => word.toString(36)).join("")}`;
}
