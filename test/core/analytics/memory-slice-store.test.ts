/** The reference store under the suites that every store passes. */
import { MemorySliceStore } from "../../../src/core/analytics/memory-slice-store.ts";
import type { OnSliceBench } from "./slice-bench.ts";
import { describeSliceLaws } from "./slice-laws.ts";
import { describeSliceStore } from "./slice-store-contract.ts";

const onMemory: OnSliceBench = (body) => {
  let store = new MemorySliceStore();
  body({
    fresh: () => (store = new MemorySliceStore()),
    // It forgets everything with the process, so there is no other over the same data.
    reopen: () => store,
  });
};

describeSliceStore("in memory", onMemory);
describeSliceLaws("in memory", onMemory, 500);
