/**
 * Reads a set for an export, by its change log. Whatever is written meanwhile comes as further changes, so the records
 * together make the state at the end, and the digest proves it. A purge or an erasure ends the export with `offset_gone`:
 * it begins anew.
 */
import { formatOffset } from "../../core/offset.ts";
import { OffsetTextSchema } from "../../protocol/names.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { SetState } from "../../protocol/set-transfer.ts";
import type { Env } from "../env.ts";
import { askObject, callObject } from "../object-call.ts";
import type { ExportSource } from "../transfer/export-source.ts";
import { setStub } from "./set-calls.ts";
import { toOptionsAnswer } from "./set-options.ts";

const PAGE_ROWS = 5_000;

export function setExport(env: Env, name: string): ExportSource<string> {
  const stub = setStub(env, name);
  return {
    feature: "sets",
    name,
    position: OffsetTextSchema,

    async begin() {
      const head = await callObject(stub, (set) => set.exportHead());
      if (!head.ok) return head;
      if (head.value === undefined)
        return refuse("not_found", "This set was never written: there is nothing to export.");
      const { options, purgedMs, epoch } = head.value;
      const header = { options: toOptionsAnswer(options), purged_ms: purgedMs };
      return succeed({ header, position: formatOffset({ epoch, sequence: 0 }) });
    },

    async read(position) {
      const page = await askObject(stub, (set) => set.exportPage(position, PAGE_ROWS));
      if (!page.ok) return page;
      const { changes: records, more, offset, size, digest, lastStampMs, done } = page.value;
      if (more) return succeed({ records, next: { kind: "more", position: offset, done } });
      const state: SetState = { size, digest, last_stamp_ms: lastStampMs };
      return succeed({ records, next: { kind: "end", state } });
    },
  };
}
