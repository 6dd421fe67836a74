/** The reference store under the suites that every store passes. */
import { MemorySetStore } from "../../../src/core/sets/memory-set-store.ts";
import { describeSetLaws } from "./set-laws.ts";
import { describeSetStore } from "./set-store-contract.ts";
import type { OnBench } from "./store-bench.ts";

const onMemory: OnBench = (body) => {
  let store = new MemorySetStore();
  body({
    fresh: () => (store = new MemorySetStore()),
    // It forgets everything with the process, so there is no other over the same data.
    reopen: () => store,
  });
};

describeSetStore("in memory", onMemory);
describeSetLaws("in memory", onMemory, 300);
