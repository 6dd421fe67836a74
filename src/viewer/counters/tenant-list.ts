/**
 * Tenants as one text, for the address and for the field that edits it: `acme, globex`. Spaces around a name don't count.
 * A name is any text, so a backslash takes the character after it for what it is: `a\,b` is one tenant.
 */
import { TenantSchema } from "../../protocol/names.ts";
import { quoted } from "../quoted.ts";
import { refuseName } from "../refuse-name.ts";

/** Each has a connection of its own, and more than these fit no screen. */
export const TENANTS_MAX = 20;

/** Each once, in their order. */
export function parseTenantList(text: string): readonly string[] {
  const names = new Set<string>();
  let name = "";
  /** Where the part of the name ends that is not to be trimmed. */
  let kept = 0;
  const end = (): void => {
    const whole = name.slice(0, kept) + name.slice(kept).trimEnd();
    if (whole !== "") names.add(whole);
    name = "";
    kept = 0;
  };
  const characters = Array.from(text);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    const next = characters[index + 1];
    if (character === "\\" && next !== undefined) {
      name += next;
      kept = name.length;
      index += 1;
    } else if (character === ",") end();
    else if (name !== "" || character.trim() !== "") name += character;
  }
  end();
  return [...names];
}

export function writeTenantList(tenants: readonly string[]): string {
  return tenants.map((tenant) => tenant.replaceAll(/[\\,]|^\s|\s$/g, String.raw`\$&`)).join(",");
}

/** Why these can't be watched, in a sentence. */
export function refuseTenantList(text: string): string | undefined {
  const tenants = parseTenantList(text);
  if (tenants.length === 0) return "Name at least one tenant.";
  if (tenants.length > TENANTS_MAX) return `At most ${TENANTS_MAX} tenants; these are ${tenants.length}.`;
  for (const tenant of tenants) {
    const subject = `The tenant ${quoted(tenant)}`;
    if (tenant === "." || tenant === "..") return `${subject} can’t be watched, since no URL can name it.`;
    const refusal = refuseName(subject, TenantSchema, tenant);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
