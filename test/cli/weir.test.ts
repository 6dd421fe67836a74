/** The command line as a process: what it prints, and what code it ends with. */
import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without what keeps programs from colouring. */
const { NO_COLOR: _noColor, CI: _ci, TEST: _test, ...OTHERS } = process.env;
const COLOURFUL = { ...OTHERS, TERM: "xterm", FORCE_COLOR: "1" };

async function weir(...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["src/cli/index.ts", ...words], { env: COLOURFUL });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** Nothing listens there. */
const NOWHERE = ["--url", "http://127.0.0.1:1"];

test("tells what it can do", async () => {
  const [all, one] = await Promise.all([weir(), weir("monkey", "offline", "--help")]);
  expect(all).toMatchObject({ code: 0, stderr: "" });
  expect(all.stdout).toContain("export|gateway|import|load|maze|monkey|set|smoke|token");
  expect(one).toMatchObject({ code: 0, stderr: "" });
  expect(one.stdout).toMatch(/weir monkey offline[^]*--duration/);
});

test("colours nothing that is no terminal", async () => {
  for (const words of [["--help"], ["set", "add"]]) {
    const { stdout, stderr } = await weir(...words);
    expect(stdout + stderr).not.toContain("\u001b");
  }
});

test.each([
  [["monkey", "normal", "--rat", "3"], "There is no option --rat."],
  [["monkey", "normal", "--rate", "fast"], '--rate must be a number from 0.1 to 10000, not "fast".'],
  [["monkey", "viewer", "--duration", "5"], '--duration must be a time like 500ms, 60s or 2m, at most 24h, not "5".'],
  [["monkey", "normal", "--elements", "25001"], "--elements must be a whole number from 1 to 25000"],
  [["monkey", "normal", "extra"], 'There is no place for the argument "extra".'],
  [["monkey", "normal", "--bias", "up"], "Expected one of: add, remove."],
  [["monkey", "normal", "--url", "localhost"], "--url must be an address like"],
  [["monkey", "gorilla"], "Unknown command gorilla. See npm run weir -- monkey --help"],
  [["gatway", "--help"], "Unknown command gatway. See npm run weir -- --help"],
  [["constructor"], "Unknown command constructor."],
  [["set"], "No command specified. See npm run weir -- set --help"],
  [["maze", "--events", "0"], '--events must be a whole number from 1 to 10000000, not "0".'],
  [["maze", "--userport", "9099"], "There is no option --userport."],
  [["maze", "--late", "1.1"], "--late must be a number from 0 to 1"],
  [["gateway", "--user-port", "65536"], "--user-port must be a whole number from 0 to 65535"],
  [["set", "add", "fruit"], "Missing required positional argument: ELEMENT"],
  [["set", "get", "\u0001"], "--set: must not contain control characters."],
])("%j ends with code 2 and a sentence", async (words, sentence) => {
  const { code, stdout, stderr } = await weir(...words);
  expect(stderr).toContain(sentence);
  expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
});

test("without a server, a command fails with a sentence, and monkeys with a summary, in bounded time", async () => {
  const monkeys = ["monkey", "offline", ...NOWHERE, "--duration", "200ms", "--settle", "500ms", "--json"];
  const [get, run] = await Promise.all([weir("set", "get", "fruit", ...NOWHERE), weir(...monkeys)]);
  expect(get).toEqual({ code: 1, stdout: "", stderr: "http://127.0.0.1:1 could not be reached.\n" });
  expect(run.code).toBe(1);
  expect(run.stdout).toMatch(/server not reached, 0\/1 converged, acked ops not checked/);
  expect(JSON.parse(run.stdout.trim().split("\n").at(-1)!)).toMatchObject({ ok: false, converged: 0 });
});
