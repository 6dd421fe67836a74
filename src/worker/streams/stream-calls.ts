/** How the object of a stream is found. */
import type { StreamId } from "../../protocol/names.ts";
import type { Env } from "../env.ts";
import type { StreamCalls } from "./stream-object.ts";

/** The object that holds `stream`. */
export function streamStub(env: Env, stream: StreamId): () => StreamCalls {
  return () => env.STREAMS.getByName(stream);
}
