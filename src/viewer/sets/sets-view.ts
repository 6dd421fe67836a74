/** A set, live: puts the readout, the form, the list and the log around one session, and draws them together. */
import { SetIdSchema } from "../../protocol/names.ts";
import { count } from "../count-words.ts";
import { FrameBatch } from "../frame-batch.ts";
import { fromTemplate, part } from "../parts.ts";
import { quoted } from "../quoted.ts";
import { refuseName } from "../refuse-name.ts";
import type { Shell, View } from "../view.ts";
import type { ChangeBatch } from "./change-batch.ts";
import { ChangeLog } from "./change-log.ts";
import { ElementForm } from "./element-form.ts";
import { ElementList, HOLD_MS } from "./element-list.ts";
import { ElementTools } from "./element-tools.ts";
import { elementWindow, tally } from "./element-window.ts";
import type { ElementWindow } from "./element-window.ts";
import { EmptyNote } from "./empty-note.ts";
import { Readout } from "./readout.ts";
import { SetSession } from "./set-session.ts";

/** Changes drawn together that are said one by one; more are counted. */
const SAID_MAX = 3;

export const setsView: View = {
  label: "Sets",
  kind: "Set",
  openLabel: "Open another set",
  param: "set",
  defaultName: "default",

  refuseName(name) {
    return refuseName("The name of a set", SetIdSchema, name);
  },

  mount(host, name, shell) {
    host.append(fromTemplate("sets-view"));
    const mounted = new MountedSet(host, name, shell);
    return () => mounted.unmount();
  },
};

class MountedSet {
  readonly #shell: Shell;
  readonly #session: SetSession;
  readonly #readout: Readout;
  readonly #form: ElementForm;
  readonly #tools: ElementTools;
  readonly #list: ElementList;
  readonly #log: ChangeLog;
  readonly #empty: EmptyNote;
  readonly #keys: HTMLElement;
  readonly #batch = new FrameBatch(() => this.#draw());
  /** What the list was last drawn for. If that changes, its rows are other rows rather than events. */
  #drawnFor = "";
  #laterTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, name: string, shell: Shell) {
    this.#shell = shell;
    this.#session = new SetSession(shell.client, name, {
      changed: this.#batch.request,
      refused: (sentence) => this.#form.tell(sentence),
    });
    this.#readout = new Readout(host);
    this.#form = new ElementForm(host, (element) => this.#add(element));
    this.#tools = new ElementTools(host, this.#batch.request);
    this.#list = new ElementList(part(host, "rows", HTMLElement), {
      add: (element) => this.#tell(this.#add(element)),
      remove: (element) => this.#tell(this.#session.remove(element)),
      leave: () => this.#form.focus(),
    });
    this.#log = new ChangeLog(host);
    this.#empty = new EmptyNote(host, name);
    this.#keys = part(host, "keys", HTMLElement);
    this.#session.connect();
    this.#batch.request();
  }

  unmount(): void {
    clearTimeout(this.#laterTimer);
    this.#batch.cancel();
    this.#session.close();
  }

  #add(element: string): string | undefined {
    if (this.#session.has(element)) this.#shell.announce(`${quoted(element)} is in the set already`);
    return this.#session.add(element);
  }

  #tell(refusal: string | undefined): void {
    if (refusal !== undefined) this.#form.tell(refusal);
  }

  #draw(): void {
    const session = this.#session;
    const { status, proof } = session;
    this.#shell.showConnection({
      status: {
        kind: status.connection,
        again: status.stats.reconnects > 0,
        retryAtMs: status.retryAtMs,
        refusal: status.refusal,
      },
      connect: () => session.connect(),
      disconnect: () => session.disconnect(),
    });
    this.#readout.draw({ ...status, proof });

    if (this.#list.isHeld) this.#drawLater();
    else this.#drawList(status.size, proof === "none");

    const changes = session.takeChanges();
    this.#log.draw(changes);
    if (changes.size > 0) this.#shell.announce(spoken(changes));
  }

  #drawList(size: number, unread: boolean): void {
    const { query } = this.#tools;
    const shown = elementWindow(this.#session.elements(), query);
    const drawnFor = `${query.order} ${query.filter} ${unread}`;
    this.#list.draw(shown, Date.now(), drawnFor !== this.#drawnFor);
    this.#drawnFor = drawnFor;
    this.#tools.showTally(tally(shown, size, query.filter));
    this.#drawEmpty(shown, unread);
  }

  #drawLater(): void {
    clearTimeout(this.#laterTimer);
    this.#laterTimer = setTimeout(this.#batch.request, HOLD_MS);
  }

  #drawEmpty({ rows }: ElementWindow, unread: boolean): void {
    const { filter } = this.#tools.query;
    const isEmpty = rows.length === 0;
    this.#keys.hidden = isEmpty;
    this.#tools.hidden = isEmpty && filter === "";
    this.#empty.draw(isEmpty ? { filter, unread } : undefined);
  }
}

/** What is said of changes to those who don't see them. */
function spoken({ size, listed }: ChangeBatch): string {
  if (listed === undefined || size > SAID_MAX) return `${count(size)} changes`;
  return listed.map(({ element, op }) => `${op === "add" ? "Added" : "Removed"} ${quoted(element)}`).join(", ");
}
