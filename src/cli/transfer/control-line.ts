/** Lines of an export that are no records. They say so first: `{"weir":`. */
import * as v from "valibot";

const BEGINNING = Buffer.from('{"weir":');

/** @param line without its LF */
export function isControlLine(line: Buffer): boolean {
  return line.length > BEGINNING.length && line.compare(BEGINNING, 0, BEGINNING.length, 0, BEGINNING.length) === 0;
}

/** `undefined` if it is no such line. */
export function parseLine<S extends v.GenericSchema>(schema: S, line: Buffer): v.InferOutput<S> | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), line.toString());
  return parsed.success ? parsed.output : undefined;
}
