/**
 * `npm test`: format, lint, types, then every test. Ends with the line `N passed, N failed`, in which a step that fails
 * counts as one failure. Nothing having run at all is a failure too.
 */
import { spawnSync } from "node:child_process";
import { startVitest } from "vitest/node";
import type { Vitest } from "vitest/node";

const STEPS = [
  ["format", "oxfmt", "--check", "."],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  // From scratch, which takes a second: an incremental build overlooks declaration files that were added.
  ["types", "tsc", "--build", "--force"],
] as const;

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function runStep([name, command, ...args]: (typeof STEPS)[number]): boolean {
  console.log(`\n${name}: ${[command, ...args].join(" ")}`);
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (error !== undefined) console.error(`${command}: ${error.message}. Run npm ci first.`);
  return status === 0;
}

/** A file or a suite that fails around its tests counts as one failure beside theirs, as does a stray error. */
function tally(vitest: Vitest): Tally {
  let [passed, failed, skipped] = [0, vitest.state.getUnhandledErrors().length, 0];
  for (const module of vitest.state.getTestModules()) {
    if (module.errors().length > 0) failed += 1;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      else if (state === "failed") failed += 1;
      else skipped += 1;
    }
  }
  return { passed, failed, skipped };
}

async function runTests(): Promise<Tally> {
  try {
    const vitest = await startVitest("test", [], { config: "test/vitest.config.ts", watch: false });
    const found = tally(vitest);
    await vitest.close();
    return found;
  } catch (error) {
    console.error(error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const failedSteps = STEPS.filter((step) => !runStep(step)).length;
const { passed, failed: failedTests, skipped } = await runTests();
const failed = failedTests + failedSteps;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
