/**
 * Text as it can be seen. An element may be any text: control characters, spaces at its ends, characters without a
 * width. Where two elements differ in nothing else, the page must still show that they do.
 */

/** A stretch of text, or a stand-in for a character that can't be seen. */
export interface TextPiece {
  readonly text: string;
  /** What it stands for, such as `U+200B`; `undefined` where the text is itself. */
  readonly stands?: string;
}

// Controls, format characters (joiners and directions among them), line separators, unassigned and private ones, every space but the plain one.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^ +| +$| {2,}/gu;
/** Joins the parts of one emoji or letter; alone in its place it is unseen like any other. */
const JOINER = "\u200d";

/** What people who meet them call them. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x09, "TAB"],
  [0x0a, "LF"],
  [0x0d, "CR"],
  [0x20, "SP"],
  [0xa0, "NBSP"],
  [0xad, "SHY"],
  [0x200b, "ZWSP"],
  [0x200c, "ZWNJ"],
  [0x200d, "ZWJ"],
  [0x200e, "LRM"],
  [0x200f, "RLM"],
  [0x202a, "LRE"],
  [0x202b, "RLE"],
  [0x202c, "PDF"],
  [0x202d, "LRO"],
  [0x202e, "RLO"],
  [0xfeff, "BOM"],
]);

export function visibleText(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let seen = 0;
  for (const match of text.matchAll(UNSEEN)) {
    const unseen = match[0];
    if (unseen === JOINER && joins(text, match.index)) continue;
    if (match.index > seen) pieces.push({ text: text.slice(seen, match.index) });
    for (const character of unseen) pieces.push(standIn(character));
    seen = match.index + unseen.length;
  }
  if (seen < text.length) pieces.push({ text: text.slice(seen) });
  return pieces;
}

/** The same as one string, for names and sentences. */
export function visibleString(text: string): string {
  return visibleText(text)
    .map((piece) => (piece.stands === undefined ? piece.text : `⟨${piece.text}⟩`))
    .join("");
}

function joins(text: string, index: number): boolean {
  return /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)*$|[\p{L}\p{M}]$/u.test(text.slice(0, index));
}

function standIn(character: string): TextPiece {
  const code = character.codePointAt(0) ?? 0;
  const stands = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return { text: NAMES.get(code) ?? stands, stands };
}
