/** Reads a stream for an export. What is processed meanwhile comes with it. */
import * as v from "valibot";
import type { StreamPosition } from "../../core/streams/stream-transfer.ts";
import type { StreamId } from "../../protocol/names.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import { CountSchema } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { askObject, callObject } from "../object-call.ts";
import type { ExportSource } from "../transfer/export-source.ts";
import { streamStub } from "./stream-calls.ts";
import { toRecordLine } from "./stream-records.ts";

const PositionSchema = v.variant("kind", [
  v.object({ kind: v.literal("graph"), chunk: CountSchema, mark: v.string() }),
  v.object({ kind: v.literal("log"), after: CountSchema, letters: CountSchema, checkpoint: CountSchema }),
]);

export function streamExport(env: Env, stream: StreamId): ExportSource<StreamPosition> {
  const stub = streamStub(env, stream);
  return {
    feature: "streams",
    name: stream,
    position: PositionSchema,

    async begin() {
      const start = await callObject(stub, (object) => object.exportStart());
      if (!start.ok) return start;
      if (start.value === undefined) {
        return refuse("not_found", "This stream was never written: there is nothing to export.");
      }
      const { position, cursor } = start.value;
      return succeed({ header: { cursor }, position });
    },

    async read(position) {
      const read = await askObject(stub, (object) => object.exportPage(position));
      if (!read.ok) return read;
      const { page, state } = read.value;
      const records = page.records.map(toRecordLine);
      if (page.kind === "end") return succeed({ records, next: { kind: "end", state } });
      const { next } = page;
      const done = next.kind === "graph" || state.cursor === 0 ? 0 : Math.min(1, next.after / state.cursor);
      return succeed({ records, next: { kind: "more", position: next, done } });
    },
  };
}
