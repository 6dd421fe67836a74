/** The reference store under the suites that every store passes. */
import { MemoryItemStore } from "../../../src/core/counters/memory-item-store.ts";
import { describeItemLaws } from "./item-laws.ts";
import { describeItemStore } from "./item-store-contract.ts";
import type { OnItemBench } from "./item-store-contract.ts";

const onMemory: OnItemBench = (body) => {
  let store = new MemoryItemStore();
  body({
    fresh: () => (store = new MemoryItemStore()),
    // It forgets everything with the process, so there is no other over the same data.
    reopen: () => store,
  });
};

describeItemStore("in memory", onMemory);
describeItemLaws("in memory", onMemory, 300);
