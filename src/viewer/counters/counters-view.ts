/** The counts of some tenants, live: puts the readout, the table, the form and the load around one watch. */
import { WeirError } from "../../client/index.ts";
import type { WeirClient } from "../../client/index.ts";
import { count, counted } from "../count-words.ts";
import { showFigure } from "../figure.ts";
import { FrameBatch } from "../frame-batch.ts";
import { LogList, logLine } from "../log-list.ts";
import { Paced } from "../paced.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import { quoted } from "../quoted.ts";
import type { Shell, View } from "../view.ts";
import { visibleString } from "../visible-text.ts";
import { ItemForm } from "./item-form.ts";
import { LoadButton } from "./load-button.ts";
import { rateWords } from "../rate-meter.ts";
import { parseTenantList, refuseTenantList, TENANTS_MAX } from "./tenant-list.ts";
import { TenantTable } from "./tenant-table.ts";
import { TenantWatch } from "./tenant-watch.ts";
import type { TenantCount } from "./tenant-watch.ts";

/** Rates fall although nothing comes. */
const TICK_MS = 1_000;
const SPEECH_REST_MS = 5_000;
/** More are said as their sum. */
const SAID_MAX = 3;

export const countersView: View = {
  label: "Counters",
  kind: "Tenants",
  openLabel: `Watch other tenants, up to ${TENANTS_MAX}`,
  param: "tenants",
  defaultName: "acme,globex",
  editsName: true,
  titled: (name) => parseTenantList(name).join(", "),
  refuseName: refuseTenantList,

  mount(host, name, shell) {
    host.append(fromTemplate("counters-view"));
    const mounted = new MountedCounters(host, parseTenantList(name), shell);
    return () => mounted.unmount();
  },
};

class MountedCounters {
  readonly #client: WeirClient;
  readonly #shell: Shell;
  readonly #watch: TenantWatch;
  readonly #table: TenantTable;
  readonly #form: ItemForm;
  readonly #load: LoadButton;
  readonly #log: LogList;
  readonly #total: HTMLElement;
  readonly #rate: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #batch = new FrameBatch(() => this.#draw());
  readonly #speech = new Paced(SPEECH_REST_MS, () => this.#speak());
  readonly #timer = setInterval(() => this.#batch.request(), TICK_MS);
  /** What was said of each tenant, so that only what is new is said. */
  readonly #said = new Map<string, number>();

  constructor(host: HTMLElement, tenants: readonly string[], shell: Shell) {
    this.#client = shell.client;
    this.#shell = shell;
    this.#watch = new TenantWatch(shell.client, tenants, { nowMs: Date.now, changed: this.#batch.request });
    this.#table = new TenantTable(part(host, "rows", HTMLElement));
    this.#form = new ItemForm(host, tenants, (tenant, id) => void this.#report(tenant, id));
    this.#log = new LogList(host);
    this.#load = new LoadButton(host, {
      tenants,
      observe: (items) => this.#client.items.observe(items),
      done: (sentence) => this.#note("≡", "", sentence),
    });
    this.#total = part(host, "total", HTMLElement);
    this.#rate = part(host, "total-rate", HTMLElement);
    this.#empty = part(host, "empty", HTMLElement);
    setText(part(host, "tenants", HTMLElement), count(tenants.length));
    setText(part(host, "empty-command", HTMLElement), reportCommand(tenants[0] ?? ""));
    this.#watch.connect();
    this.#batch.request();
  }

  unmount(): void {
    clearInterval(this.#timer);
    this.#load.stop();
    this.#speech.cancel();
    this.#batch.cancel();
    this.#watch.close();
  }

  async #report(tenant: string, id: string): Promise<void> {
    try {
      const [verdict] = await this.#client.items.observe([{ tenant, id }]);
      const isNew = verdict === "new";
      this.#note(isNew ? "+" : "=", isNew ? "add" : "", `${quoted(id)} of ${visibleString(tenant)}: ${verdict}`);
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      this.#form.tell(error.detail);
      if (error.code === "unauthorized" || error.code === "forbidden") this.#load.forbid();
    }
  }

  #note(sign: string, op: string, sentence: string): void {
    const line = logLine(Date.now(), sign, "", sentence);
    line.dataset["op"] = op;
    this.#log.add(line);
    this.#shell.announce(sentence);
  }

  #draw(): void {
    const watch = this.#watch;
    this.#shell.showConnection({
      status: watch.status,
      connect: () => watch.connect(),
      disconnect: () => watch.disconnect(),
    });
    const counts = watch.counts();
    this.#table.draw(counts);
    const isKnown = counts.every((each) => each.count !== undefined);
    const total = counts.reduce((sum, each) => sum + (each.count ?? 0), 0);
    // A sum of some of them would look like the sum of all.
    showFigure(this.#total, isKnown ? count(total) : "–");
    showFigure(this.#rate, rateWords(counts.reduce((sum, each) => sum + each.perSecond, 0)));
    this.#empty.hidden = !isKnown || total > 0;
    if (this.#unsaid(counts).length > 0) this.#speech.request();
  }

  /** Of what is known from before, what has another count by now. */
  #unsaid(counts: readonly TenantCount[]): readonly TenantCount[] {
    return counts.filter(({ tenant, count: now }) => {
      if (now === undefined) return false;
      if (!this.#said.has(tenant)) this.#said.set(tenant, now);
      return this.#said.get(tenant) !== now;
    });
  }

  #speak(): void {
    const counts = this.#watch.counts();
    const unsaid = this.#unsaid(counts);
    for (const { tenant, count: now } of unsaid) if (now !== undefined) this.#said.set(tenant, now);
    const said = unsaid.map(({ tenant, count: now }) => `${visibleString(tenant)} has ${counted(now ?? 0, "item")}`);
    const total = counts.reduce((sum, each) => sum + (each.count ?? 0), 0);
    this.#shell.announce(said.length > SAID_MAX ? `${counted(total, "item")} of all tenants` : said.join(", "));
  }
}

function reportCommand(tenant: string): string {
  const item = JSON.stringify({ id: "invoice-1", tenant }).replaceAll("'", String.raw`'\''`);
  return `curl ${location.origin}/items -d '${item}'`;
}
