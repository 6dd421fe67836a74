/** A set, live: puts the readout, the form, the list and the log around one session, and draws them together. */
import { limits } from "../../protocol/limits.ts";
import { SetIdSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import { FrameBatch } from "../frame-batch.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import type { Shell, View } from "../view.ts";
import { ChangeLog } from "./change-log.ts";
import type { LoggedChange } from "./change-log.ts";
import { ElementForm } from "./element-form.ts";
import { ElementList } from "./element-list.ts";
import { ElementTools } from "./element-tools.ts";
import { count, elementWindow, tally } from "./element-window.ts";
import type { ElementWindow } from "./element-window.ts";
import { quoted } from "./refusal-sentence.ts";
import { Readout } from "./readout.ts";
import { SetSession } from "./set-session.ts";

/** Changes drawn together that are said one by one; more are counted. */
const SAID_MAX = 3;

export const setsView: View = {
  label: "Sets",
  kind: "Set",
  param: "set",
  defaultName: "default",

  refuseName(name) {
    const result = parse(SetIdSchema, name);
    if (result.ok) return undefined;
    const message = result.problem.errors?.[0]?.message ?? `must be 1 to ${limits.nameBytesMax} bytes`;
    return `The name of a set ${message}.`;
  },

  mount(host, name, shell) {
    host.append(fromTemplate("sets-view"));
    const mounted = new MountedSet(host, name, shell);
    return () => mounted.unmount();
  },
};

class MountedSet {
  readonly #name: string;
  readonly #shell: Shell;
  readonly #session: SetSession;
  readonly #readout: Readout;
  readonly #form: ElementForm;
  readonly #tools: ElementTools;
  readonly #list: ElementList;
  readonly #log: ChangeLog;
  readonly #empty: HTMLElement;
  readonly #keys: HTMLElement;
  readonly #batch = new FrameBatch(() => this.#draw());
  /** What the list was last drawn for. If that changes, its rows are other rows rather than events. */
  #drawnFor = "";

  constructor(host: HTMLElement, name: string, shell: Shell) {
    this.#name = name;
    this.#shell = shell;
    this.#session = new SetSession(shell.client, name, {
      changed: this.#batch.request,
      refused: (sentence) => this.#form.showError(sentence),
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
    this.#empty = part(host, "empty", HTMLElement);
    this.#keys = part(host, "keys", HTMLElement);
    this.#session.connect();
    this.#batch.request();
  }

  unmount(): void {
    this.#batch.cancel();
    this.#session.close();
  }

  #add(element: string): string | undefined {
    if (this.#session.has(element)) this.#shell.announce(`${quoted(element)} is in the set already`);
    return this.#session.add(element);
  }

  #tell(refusal: string | undefined): void {
    if (refusal !== undefined) this.#form.showError(refusal);
  }

  #draw(): void {
    const session = this.#session;
    const { status, proof } = session;
    this.#shell.showConnection({
      status: { kind: status.connection, retryAtMs: status.retryAtMs },
      connect: () => session.connect(),
      disconnect: () => session.disconnect(),
    });
    this.#readout.draw({ ...status, proof });

    const { query } = this.#tools;
    const shown = elementWindow(session.elements(), query);
    const drawnFor = `${query.order} ${query.filter} ${proof === "none"}`;
    this.#list.draw(shown, Date.now(), drawnFor !== this.#drawnFor);
    this.#drawnFor = drawnFor;
    this.#tools.showTally(tally(shown, status.size, query.filter));
    this.#drawEmpty(shown, proof === "none");

    const changes = session.takeChanges();
    this.#log.draw(changes);
    if (changes.length > 0) this.#shell.announce(spoken(changes));
  }

  #drawEmpty({ rows }: ElementWindow, unread: boolean): void {
    this.#keys.hidden = rows.length === 0;
    this.#empty.hidden = rows.length > 0;
    if (rows.length > 0) return;
    const { filter } = this.#tools.query;
    if (filter !== "") return setText(this.#empty, `No element contains ${quoted(filter)}.`);
    setText(
      this.#empty,
      unread ? "Nothing has been read yet." : `${this.#name} is empty. Add its first element above.`,
    );
  }
}

/** What is said of changes to those who don't see them. */
function spoken(changes: readonly LoggedChange[]): string {
  if (changes.length > SAID_MAX) return `${count(changes.length)} changes`;
  return changes.map(({ element, op }) => `${op === "add" ? "Added" : "Removed"} ${quoted(element)}`).join(", ");
}
