/** What is wrong with a name, in a sentence. */
import type { GenericSchema } from "valibot";
import { limits } from "../protocol/limits.ts";
import { parse } from "../protocol/parse.ts";

/** @param subject of the sentence, as in `The name of a set` */
export function refuseName(subject: string, schema: GenericSchema<unknown, unknown>, name: string): string | undefined {
  const result = parse(schema, name);
  if (result.ok) return undefined;
  return `${subject} ${result.problem.errors?.[0]?.message ?? `must be 1 to ${limits.nameBytesMax} bytes`}.`;
}
