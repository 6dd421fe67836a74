/** Before the tests that start servers: one build of the Worker, which all of them run. */
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { bundleWorker } from "../../src/cli/serve/worker-bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the built Worker. */
    readonly bundleDir: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const bundleDir = `${root}dist/test-bundle`;
  await bundleWorker(root, bundleDir);
  project.provide("bundleDir", bundleDir);
}
