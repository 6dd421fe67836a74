/** A stream, live: puts the readout, one user's lines and the form around one watch, and draws them together. */
import { WeirError } from "../../client/index.ts";
import type { StreamHandle, StreamNotification } from "../../client/index.ts";
import { StreamIdSchema, StreamUserSchema } from "../../protocol/names.ts";
import { count, counted } from "../count-words.ts";
import { FieldError } from "../field-error.ts";
import { FrameBatch } from "../frame-batch.ts";
import { liveStatus } from "../live-status.ts";
import { LogList, logLine } from "../log-list.ts";
import { Paced } from "../paced.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import { quoted } from "../quoted.ts";
import { refuseName } from "../refuse-name.ts";
import { showText } from "../shown-text.ts";
import type { Shell, View } from "../view.ts";
import { FollowedUser } from "./followed-user.ts";
import { LineForm } from "./line-form.ts";
import { StreamReadout } from "./stream-readout.ts";
import { StreamWatch } from "./stream-watch.ts";
import { gapWords, lineWords, sentWords } from "./stream-words.ts";

/** Of what is left until a hole is skipped. */
const TICK_MS = 1_000;
const SPEECH_REST_MS = 5_000;
/** How far back a user's lines are shown, in numbers. */
const LOOK_BACK = 1_000;

export const streamsView: View = {
  label: "Streams",
  kind: "Stream",
  openLabel: "Open another stream",
  param: "stream",
  defaultName: "default",

  refuseName(name) {
    return refuseName("The name of a stream", StreamIdSchema, name);
  },

  mount(host, name, shell) {
    host.append(fromTemplate("streams-view"));
    const mounted = new MountedStream(host, name, shell);
    return () => mounted.unmount();
  },
};

class MountedStream {
  readonly #shell: Shell;
  readonly #stream: StreamHandle;
  readonly #watch: StreamWatch;
  readonly #readout: StreamReadout;
  readonly #form: LineForm;
  readonly #sent: LogList;
  readonly #lines: LogList;
  readonly #followTitle: HTMLElement;
  readonly #followError: FieldError;
  readonly #problem: HTMLElement;
  readonly #batch = new FrameBatch(() => this.#draw());
  readonly #speech = new Paced(SPEECH_REST_MS, () => this.#speak());
  readonly #timer = setInterval(() => this.#batch.request(), TICK_MS);
  #followed: FollowedUser | undefined;
  /** Lines that came and were not spoken of. */
  #unsaid = 0;

  constructor(host: HTMLElement, name: string, shell: Shell) {
    this.#shell = shell;
    this.#stream = shell.client.stream(name);
    this.#watch = new StreamWatch(this.#stream, {
      nowMs: Date.now,
      setTimer: (ms, fire) => {
        const timer = setTimeout(fire, ms);
        return () => clearTimeout(timer);
      },
      changed: this.#batch.request,
    });
    this.#readout = new StreamReadout(host);
    this.#form = new LineForm(host, (line) => void this.#send(line));
    this.#sent = new LogList(part(host, "sent", HTMLElement));
    this.#lines = new LogList(part(host, "followed", HTMLElement));
    this.#followTitle = part(host, "follow-title", HTMLElement);
    this.#problem = part(host, "problem", HTMLElement);
    const input = part(host, "follow-user", HTMLInputElement);
    this.#followError = new FieldError(input, part(host, "follow-error", HTMLElement));
    part(host, "follow", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#follow(input.value);
    });
    setText(part(host, "empty-command", HTMLElement), sendCommand(name));
    this.#watch.connect();
    this.#batch.request();
  }

  unmount(): void {
    clearInterval(this.#timer);
    this.#speech.cancel();
    this.#batch.cancel();
    this.#followed?.stop();
    this.#watch.close();
  }

  #follow(name: string): void {
    const refusal = refuseName("The id of a user", StreamUserSchema, name);
    if (refusal !== undefined) return this.#followError.show(refusal);
    this.#followError.clear();
    this.#followed?.stop();
    this.#lines.clear();
    const { state } = this.#watch;
    const since = state === undefined ? undefined : Math.max(state.oldest, state.cursor - LOOK_BACK);
    const followed = new FollowedUser(this.#stream, name, since, {
      told: (notification) => {
        if (this.#followed === followed) this.#tell(notification);
      },
      failed: (sentence) => {
        if (this.#followed === followed) this.#followError.tell(sentence);
      },
    });
    this.#followed = followed;
    setText(this.#followTitle, `Lines of ${quoted(name)}`);
    this.#shell.announce(`Following ${quoted(name)}`);
    followed.start();
  }

  #tell(notification: StreamNotification): void {
    if (notification.kind === "event") {
      const content = document.createElement("span");
      const text = document.createElement("bdi");
      text.className = "mono";
      showText(text, notification.line);
      const words = document.createElement("span");
      words.className = "by";
      showText(words, lineWords(notification.line));
      content.append(text, " ", words);
      this.#lines.add(logLine(Date.now(), "›", "", content));
      this.#unsaid += 1;
      this.#speech.request();
      return;
    }
    const sentence =
      notification.kind === "gap" ? `${gapWords(notification)} never came` : "The stream was erased and begins anew";
    const line = logLine(Date.now(), "×", "", sentence);
    line.dataset["op"] = "remove";
    this.#lines.add(line);
    this.#shell.announce(sentence);
  }

  async #send(line: string): Promise<void> {
    try {
      const answer = await this.#stream.ingest([line]);
      const isTaken = answer.dead_letters + answer.duplicates === 0;
      const sentence = `${quoted(line)}: ${sentWords(line, answer)}, cursor ${count(answer.cursor)}`;
      const note = logLine(Date.now(), isTaken ? "+" : "=", "", sentence);
      note.dataset["op"] = isTaken ? "add" : "";
      this.#sent.add(note);
      this.#shell.announce(sentence);
      this.#form.sent(line);
      this.#watch.refresh();
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      this.#form.tell(error.detail);
    }
  }

  #draw(): void {
    const watch = this.#watch;
    this.#shell.showConnection({
      status: liveStatus([watch]),
      connect: () => {
        watch.connect();
        this.#followed?.start();
      },
      disconnect: () => {
        watch.disconnect();
        this.#followed?.stop();
      },
    });
    this.#readout.draw(watch.state, watch.perSecond, Date.now());
    if (watch.state !== undefined) this.#form.suggest(watch.state.cursor);
    setText(this.#problem, watch.problem ?? "");
  }

  #speak(): void {
    const lines = this.#unsaid;
    this.#unsaid = 0;
    if (lines > 0) this.#shell.announce(`${counted(lines, "line")} for ${quoted(this.#followed?.name ?? "")}`);
  }
}

function sendCommand(stream: string): string {
  const path = `/streams/${encodeURIComponent(stream).replaceAll("'", "%27")}/events`;
  return `curl ${location.origin}${path} -d '1|F|60|50'`;
}
