/** The reference store under the suites that every store passes. */
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { describeStreamLaws } from "./stream-laws.ts";
import type { OnStreamBench } from "./stream-laws.ts";
import { describeStreamStore } from "./stream-store-contract.ts";

const onMemory: OnStreamBench = (body) => {
  let store = new MemoryStreamStore();
  body({
    fresh: () => (store = new MemoryStreamStore()),
    // It forgets everything with the process, so there is no other over the same data.
    reopen: () => store,
  });
};

describeStreamStore("in memory", onMemory);
describeStreamLaws("in memory", onMemory, 500);
