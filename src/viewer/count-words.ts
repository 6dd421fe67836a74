/** Numbers for a person, in the page's own language, which is English whoever reads it. */

const numbers = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function count(value: number): string {
  return numbers.format(value);
}

/** A number and what it counts: `1 item`, `2,000 items`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Where there is no room for all digits: `1.2M`. */
export function roundCount(value: number): string {
  return compact.format(value);
}
