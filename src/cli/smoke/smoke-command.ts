/** `weir smoke <url>`: whether a server that was just deployed does what it should, feature by feature. */
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { parseUrl, refuseUnknown } from "../arguments.ts";
import { SmokeServer } from "./smoke-server.ts";
import { smokeSteps } from "./smoke-steps.ts";
import type { SmokeStep } from "./smoke-steps.ts";

const smokeArguments = {
  url: { type: "positional", required: true, description: "The server" },
} as const satisfies ArgsDef;

/** Paths of the server's own description, with the methods of each. */
type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const ERASED = 204;

export const smokeCommand = defineCommand({
  meta: { description: "Try each feature of a server once, and clean up; WEIR_TOKEN is the token" },
  args: smokeArguments,
  async run({ args }) {
    refuseUnknown(args, smokeArguments);
    const server = new SmokeServer(parseUrl(args.url), Date.now().toString(36));
    await server.json({ method: "GET", path: "/healthz" });
    const paths = (await server.json({ method: "GET", path: "/openapi.json" }))["paths"] as Paths;
    let failures = 0;
    for (const step of smokeSteps) failures += (await runStep(server, step, paths)) ? 0 : 1;
    console.log(failures === 0 ? "All is well." : `${failures} of ${smokeSteps.length} failed.`);
    process.exitCode = failures === 0 ? 0 : 1;
  },
});

async function runStep(server: SmokeServer, step: SmokeStep, paths: Paths): Promise<boolean> {
  const { name, path, run } = step;
  if (paths[path] === undefined) {
    console.log(`skipped  ${name}: this server has none`);
    return true;
  }
  const startMs = performance.now();
  let failure: string | undefined;
  try {
    await run(server);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const left = await clean(server, step, paths);
  if (failure !== undefined) console.log(`FAILED   ${name}: ${failure}`);
  else console.log(`ok       ${name}, ${Math.round(performance.now() - startMs)} ms`);
  if (left !== undefined) console.log(`         ${left}`);
  return failure === undefined;
}

/** Erases what the step wrote, which it may have done itself; says what is left where that can't be done. */
async function clean(server: SmokeServer, step: SmokeStep, paths: Paths): Promise<string | undefined> {
  const erased = step.erase?.(server);
  if (erased === undefined) return undefined;
  const isErasable = Object.entries(paths).some(([path, methods]) => matches(path, erased) && "delete" in methods);
  if (!isErasable) return `${erased} stays: this server can't erase it`;
  const status = await server.status({ method: "DELETE", path: erased }).catch((error: unknown) => String(error));
  return status === ERASED ? undefined : `${erased} may be left: erasing it answered ${status}`;
}

/** @param template as in `/sets/{set}` */
function matches(template: string, path: string): boolean {
  const [plain = ""] = path.split("?", 1);
  const parts = plain.split("/");
  const wanted = template.split("/");
  return wanted.length === parts.length && wanted.every((part, index) => part.startsWith("{") || part === parts[index]);
}
