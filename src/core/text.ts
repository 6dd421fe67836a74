/**
 * Text as the wire and the database see it: lengths in bytes of UTF-8 and order by code point.
 *
 * JavaScript counts and compares UTF-16 code units, SQLite's binary collation compares UTF-8 bytes. The two orders
 * differ as soon as a character lies outside the basic plane, so every in-memory twin of a SQL query sorts with
 * {@link compareCodePoints}, which is the order of UTF-8 bytes.
 */

/** The number of bytes of `text` in UTF-8; a lone surrogate counts as the 3 bytes of its replacement character. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A pair is 2 units and 4 bytes: the low surrogate adds nothing of its own.
    if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(index + 1))) index += 1;
  }
  return bytes;
}

/** Orders well-formed strings by code point, which is the order of their UTF-8 bytes. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Lifts surrogates (code points from U+10000) above U+E000 to U+FFFF, where UTF-8 has them. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
