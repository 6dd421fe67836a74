/**
 * Which tests run where: the suffix of a test's file tells. `.worker.test.ts` runs inside workerd, `.e2e.test.ts` starts
 * real servers, `.browser.test.ts` also a real browser, and everything else is plain Node.
 */
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { fuzzSetting } from "./support/fuzz-setting.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const nodeModules = "**/node_modules/**";
const BUCKET_TESTS = "test/worker/backup/*.worker.test.ts";

export default defineConfig({
  root,
  test: {
    // The Worker's log, of which tests that look at it have their own view.
    onConsoleLog: (text) => !text.startsWith('{"level":'),
    projects: [
      {
        root,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: [nodeModules, "test/**/*.{worker,e2e,browser}.test.ts"],
          // What hangs fails in the end; what is slow on a busy machine does not.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" } })],
        test: {
          name: "worker",
          include: ["test/**/*.worker.test.ts"],
          exclude: [nodeModules, BUCKET_TESTS],
          provide: { fuzz: fuzzSetting(process.env) },
          testTimeout: 30_000,
          globalSetup: ["test/support/build-viewer-once.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        // Things list themselves for backups only where there is a bucket.
        plugins: [cloudflareTest({ wrangler: { configPath: "wrangler.toml" }, miniflare: { r2Buckets: ["BACKUPS"] } })],
        test: {
          name: "worker with a bucket",
          include: [BUCKET_TESTS],
          testTimeout: 20_000,
          globalSetup: ["test/support/build-viewer-once.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        test: {
          name: "e2e",
          include: ["test/**/*.{e2e,browser}.test.ts"],
          globalSetup: ["test/support/build-server-once.ts"],
          // Each starts servers of its own, and waits for them more than it computes.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
