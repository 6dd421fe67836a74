/**
 * A digest as a profile: sixteen steps, each as high as its hex digit. Nobody compares sixteen digits at a glance, but
 * two skylines that differ look different.
 */

/** The view box that `index.html` gives the drawing. */
const WIDTH = 128;
const HEIGHT = 32;
const GAP = 1.5;

/** An SVG path of one bar for each digit; zero still has a line to stand on. */
export function digestProfile(digest: string): string {
  const step = WIDTH / digest.length;
  return Array.from(digest, (digit, index) => {
    const height = ((Number.parseInt(digit, 16) + 1) / 16) * HEIGHT;
    return `M${index * step} ${HEIGHT}v${-height}h${step - GAP}v${height}z`;
  }).join("");
}

/** In groups of four, as people read numbers. */
export function groupedDigest(digest: string): string {
  return digest.replaceAll(/(.{4})(?=.)/g, "$1 ");
}
