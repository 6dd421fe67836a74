/** From the JSON of a message to a frame: each type that is known has its schema, and other types are for later clients. */
import * as v from "valibot";
import type { Reading } from "./live-connection.ts";

/** By the frame's `type`, which each of them also demands. */
type FrameSchemas = Readonly<Record<string, v.GenericSchema<unknown, { readonly type: string }>>>;

export type FrameOf<S extends FrameSchemas> = v.InferOutput<S[keyof S]>;

const TypeSchema = v.object({ type: v.string() });

/** @param read what a frame that is as it should be is to the connection */
export function frameReader<S extends FrameSchemas>(
  schemas: S,
  read: (frame: FrameOf<S>) => Reading<FrameOf<S>>,
): (json: unknown) => Reading<FrameOf<S>> {
  return (json) => {
    const typed = v.safeParse(TypeSchema, json);
    if (!typed.success) return { kind: "garbled" };
    const { type } = typed.output;
    if (!Object.hasOwn(schemas, type)) return { kind: "unknown" };
    const parsed = v.safeParse(schemas[type as keyof S], json);
    return parsed.success ? read(parsed.output) : { kind: "garbled" };
  };
}
