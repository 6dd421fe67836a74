/** A site, live: puts the readout, the chart, the table and the form around one session, and draws them together. */
import { WeirError } from "../../client/index.ts";
import type { EventKind } from "../../core/analytics/decide.ts";
import { DEFAULT_SITE } from "../../protocol/analytics.ts";
import { SiteSchema } from "../../protocol/names.ts";
import { clockTime } from "../clock-time.ts";
import { counted } from "../count-words.ts";
import { FrameBatch } from "../frame-batch.ts";
import { LogList, logLine } from "../log-list.ts";
import { Paced } from "../paced.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import { quoted } from "../quoted.ts";
import { refuseName } from "../refuse-name.ts";
import type { Shell, View } from "../view.ts";
import { EventForm } from "./event-form.ts";
import { SiteSession } from "./site-session.ts";
import { SliceChart } from "./slice-chart.ts";
import { SliceReadout } from "./slice-readout.ts";
import { SliceTable } from "./slice-table.ts";
import { sliceSpan } from "./slice-words.ts";

/** Of what is left of the slice. */
const TICK_MS = 1_000;
const SPEECH_REST_MS = 5_000;

export const analyticsView: View = {
  label: "Analytics",
  kind: "Site",
  openLabel: "Open another site",
  param: "site",
  defaultName: DEFAULT_SITE,

  refuseName(name) {
    return refuseName("The name of a site", SiteSchema, name);
  },

  mount(host, name, shell) {
    host.append(fromTemplate("analytics-view"));
    const mounted = new MountedSite(host, name, shell);
    return () => mounted.unmount();
  },
};

class MountedSite {
  readonly #shell: Shell;
  readonly #site: string;
  readonly #session: SiteSession;
  readonly #readout: SliceReadout;
  readonly #chart: SliceChart;
  readonly #table: SliceTable;
  readonly #form: EventForm;
  readonly #log: LogList;
  readonly #drawing: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #read: HTMLElement;
  readonly #batch = new FrameBatch(() => this.#draw());
  readonly #speech = new Paced(SPEECH_REST_MS, () => this.#speak());
  readonly #timer = setInterval(() => this.#batch.request(), TICK_MS);
  /** What was said last; what is there at first is no news. */
  #said: string | undefined;

  constructor(host: HTMLElement, site: string, shell: Shell) {
    this.#shell = shell;
    this.#site = site;
    this.#session = new SiteSession(shell.client.analytics, site, {
      nowMs: Date.now,
      setTimer: (ms, fire) => {
        const timer = setTimeout(fire, ms);
        return () => clearTimeout(timer);
      },
      changed: this.#batch.request,
    });
    this.#readout = new SliceReadout(host);
    this.#chart = new SliceChart(host);
    this.#table = new SliceTable(host, this.#batch.request);
    this.#form = new EventForm(host, (user, event) => void this.#record(user, event));
    this.#log = new LogList(host);
    this.#drawing = part(host, "drawing", HTMLElement);
    this.#empty = part(host, "empty", HTMLElement);
    this.#read = part(host, "read", HTMLElement);
    setText(part(host, "empty-command", HTMLElement), recordCommand(site));
    this.#session.connect();
    this.#batch.request();
  }

  unmount(): void {
    clearInterval(this.#timer);
    this.#speech.cancel();
    this.#batch.cancel();
    this.#session.close();
    this.#chart.destroy();
  }

  async #record(user: string, event: EventKind): Promise<void> {
    try {
      await this.#shell.client.analytics.record({ user, event, site: this.#site });
      const sentence = `${event} of ${quoted(user)} recorded`;
      const line = logLine(Date.now(), "+", "", sentence);
      line.dataset["op"] = "add";
      this.#log.add(line);
      this.#shell.announce(sentence);
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      this.#form.tell(error.detail);
    }
  }

  #draw(): void {
    const session = this.#session;
    const nowMs = Date.now();
    this.#shell.showConnection({
      status: session.status,
      connect: () => session.connect(),
      disconnect: () => session.disconnect(),
    });
    this.#readout.draw(session, nowMs);
    this.#drawPast(nowMs);
    const spoken = this.#spoken();
    this.#said ??= spoken;
    if (spoken !== this.#said) this.#speech.request();
  }

  #drawPast(nowMs: number): void {
    const { slices, sliceMs, readMs, problem } = this.#session;
    const isEmpty = slices.every(({ clicks, impressions }) => clicks + impressions === 0);
    this.#drawing.hidden = isEmpty;
    this.#empty.hidden = !isEmpty || readMs === undefined;
    if (!isEmpty) {
      this.#chart.draw(slices, sliceMs);
      this.#table.draw(slices, sliceMs, nowMs);
    }
    const read = readMs === undefined ? "" : `Past slices as read at ${clockTime(readMs, nowMs)}.`;
    setText(this.#read, problem === undefined ? read : `${read} ${problem}`.trim());
  }

  #spoken(): string | undefined {
    const { current, sliceMs } = this.#session;
    if (current === undefined) return undefined;
    const { startMs, users, clicks, impressions } = current;
    const totals = [counted(users, "user"), counted(clicks, "click"), counted(impressions, "impression")].join(", ");
    return `${sliceSpan(startMs, sliceMs, startMs)}: ${totals}`;
  }

  #speak(): void {
    const spoken = this.#spoken();
    if (spoken === undefined) return;
    this.#said = spoken;
    this.#shell.announce(spoken);
  }
}

/** A percent-encoded name has no character that means anything within double quotes. */
function recordCommand(site: string): string {
  const query = new URLSearchParams({ user: "ada", event: "click", ...(site !== DEFAULT_SITE && { site }) });
  return `curl -X POST "${location.origin}/analytics?timestamp=$(date +%s)000&${query.toString()}"`;
}
