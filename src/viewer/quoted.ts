/** A text as part of a sentence: visible, between quotation marks, and not so long that it drowns the rest. */
import { visibleString } from "./visible-text.ts";

/** A text's share of a sentence. */
const QUOTED_CHARS_MAX = 40;

export function quoted(text: string): string {
  const characters = Array.from(visibleString(text));
  const shown = characters.length > QUOTED_CHARS_MAX ? [...characters.slice(0, QUOTED_CHARS_MAX - 1), "…"] : characters;
  return `“${shown.join("")}”`;
}
