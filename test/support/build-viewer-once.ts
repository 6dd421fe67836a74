/** Before the tests that load the Worker: the page's files, which it imports. */
import { execFileSync } from "node:child_process";

export function setup(): void {
  execFileSync(process.execPath, ["src/cli/build-viewer.ts"], { stdio: "inherit" });
}
