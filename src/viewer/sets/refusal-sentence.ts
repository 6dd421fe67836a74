/** Why an operation on an element was not accepted, in a sentence that says what to do about it. */
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";
import { ElementSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import { count } from "../count-words.ts";
import { quoted } from "../quoted.ts";

export type RefusalReason =
  /** The server's verdicts. */
  | "future"
  | "expired"
  | "invalid"
  /** An entry is known whose timestamp is so far ahead that nothing from this clock wins against it. */
  | "outdone"
  /** The browser can't keep it until the server has it. */
  | "unkept";

const SENTENCES: Readonly<Record<RefusalReason, (name: string) => string>> = {
  future: (name) =>
    `The server did not accept ${name}: this computer’s clock is too far ahead of the server’s. Set it right, then try again.`,
  expired: (name) =>
    `The server did not accept ${name}: the change is older than what the set still remembers. Try again.`,
  invalid: (name) => `The server did not accept ${name} as an element.`,
  outdone: (name) =>
    `${name} has a change whose timestamp is too far ahead of this computer’s clock to be outdone. Try again when that time has come.`,
  unkept: (name) => `This browser can’t keep any more unsent changes, so ${name} was left as it is. Connect first.`,
};

export function refusalSentence(reason: RefusalReason, element: string): string {
  return SENTENCES[reason](quoted(element));
}

/** Why a text can't be an element, in a sentence. */
export function refuseElement(element: string): string | undefined {
  const result = parse(ElementSchema, element);
  if (result.ok) return undefined;
  const bytes = utf8Length(element);
  if (bytes > limits.elementBytesMax) {
    return `An element has at most ${count(limits.elementBytesMax)} bytes of UTF-8; this one has ${count(bytes)}.`;
  }
  return `An element ${result.problem.errors?.[0]?.message ?? "must be a text"}.`;
}
