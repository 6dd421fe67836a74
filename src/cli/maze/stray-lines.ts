/** Lines that are no events: malformed in every way, or of an unknown type. None of them may have any effect. */

const LONG = "x".repeat(2_000);

/** Given the number of an event that is sent as well, which a line that is no event must not take the place of. */
const FORMS: readonly ((number: number) => string)[] = [
  (number) => `${number}`,
  (number) => `${number}|`,
  (number) => `${number}|B|1`,
  (number) => `${number}|F|1`,
  (number) => `${number}|F|1|2|3`,
  (number) => `${number}|S|`,
  (number) => `${number}|P||2`,
  (number) => `${number}|Q|1|2`,
  (number) => `${number}|b`,
  (number) => `-${number}|B`,
  (number) => `+${number}|B`,
  (number) => `${number}.0|B`,
  (number) => ` ${number}|B`,
  (number) => `${number}|S|${LONG}`,
  (number) => `${number}|S|a\tb`,
  (number) => `${number}|S|${LONG.slice(0, 257)}`,
  () => "0|B",
  () => "99999999999999999999|B",
  () => "|B",
  () => "no event at all",
  () => " ",
  // An empty line is no line, and nobody is to mind it.
  () => "",
];

export function strayLine(random: () => number, number: number): string {
  return FORMS[Math.floor(random() * FORMS.length)]?.(number) ?? "";
}
