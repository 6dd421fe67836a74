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

/** Pictures that fonts have for the ASCII controls. */
const CONTROL_PICTURES = 0x2400;

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

/** The same as one string, for names that are read out. */
export function visibleString(text: string): string {
  return visibleText(text)
    .map((piece) => piece.text)
    .join("");
}

function joins(text: string, index: number): boolean {
  return /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)*$|[\p{L}\p{M}]$/u.test(text.slice(0, index));
}

function standIn(character: string): TextPiece {
  const code = character.codePointAt(0) ?? 0;
  const stands = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (character === " ") return { text: "␣", stands };
  if (code < 0x20) return { text: String.fromCodePoint(CONTROL_PICTURES + code), stands };
  return { text: stands, stands };
}
