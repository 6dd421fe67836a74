/**
 * Has Node collect the chunks of a long answer as they are used up. They lie outside of its heap, where little else happens
 * meanwhile, so by itself it lets some 40 MiB of them come together first.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A collection of what is new takes about a millisecond. */
const COLLECT_BYTES = 1 << 22;

export async function* collected(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { readonly type: "minor" }) => void;
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    if (bytes < COLLECT_BYTES) continue;
    collect({ type: "minor" });
    bytes = 0;
  }
}
