/**
 * What the commands need doesn't grow with what is transferred: short lines, as of sets, and long ones, as of sites. Four times
 * as much may take a little more, since Node lets its heap grow before it collects; with a string and an object for each line
 * it was up to 60 % more.
 *
 * `WEIR_TRANSFER_ENTRIES` says how many entries are many.
 */
import { spawn } from "node:child_process";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { peakMemoryMiB } from "../support/process-usage.ts";
import { temporaryFolder } from "../support/server.ts";
import { startStandIn } from "../support/transfer-stand-in.ts";

const MANY = Number(process.env["WEIR_TRANSFER_ENTRIES"] ?? 1_000_000);
const FEW = MANY / 4;
const GROWTH_MAX = 1.15;
const LOOK_MS = 10;
const TIMEOUT_MS = 120_000 + MANY;

/** The peak of a command that ends well, in MiB. */
async function peakOf(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ["src/cli/index.ts", ...words]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let [said, peak] = ["", 0];
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  const watch = setInterval(() => (peak = Math.max(peak, peakMemoryMiB(child.pid!))), LOOK_MS);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  expect(code, said).toBe(0);
  return peak;
}

function* entries(count: number): Generator<string> {
  for (let at = 0; at < count; at++) yield `{"element":"e${at}","op":"add","timestamp":${at}}`;
}

/** Pseudonyms of users and ids, as many in a line as there may be. */
function* shardParts(count: number): Generator<string> {
  const perLine = 8_064;
  for (let at = 0; at < count; at += perLine) {
    const pseudonyms = at.toString(16).padStart(32, "0").repeat(perLine);
    yield `{"slice":0,"part":${at / perLine},"users":"${pseudonyms}","ids":"${pseudonyms}"}`;
  }
}

test.skipIf(process.platform !== "linux").each([
  ["sets", entries],
  ["analytics", shardParts],
] as const)(
  "[X9] four times as many entries of %s take no more memory",
  { timeout: TIMEOUT_MS },
  async (feature, make) => {
    const path = join(temporaryFolder(), "x.ndjson");
    const peaks: Record<"export" | "import", number[]> = { export: [], import: [] };
    for (const count of [FEW, MANY]) {
      const server = await startStandIn(feature, "x", () => make(count));
      peaks.export.push(await peakOf(["export", feature, "x", "--out", path, "--url", server.url]));
      peaks.import.push(await peakOf(["import", path, "--url", server.url]));
      expect(server.bytesTaken()).toBeGreaterThan(statSync(path).size);
      rmSync(path);
    }
    for (const [command, [few, many]] of Object.entries(peaks)) {
      console.log(`${command} of ${feature}: ${few} MiB at ${FEW}, ${many} at ${MANY}`);
      expect(many! / few!, command).toBeLessThan(GROWTH_MAX);
      expect(few, command).toBeGreaterThan(0);
    }
  },
);
