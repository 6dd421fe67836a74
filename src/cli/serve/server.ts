/** A built Worker on the runtime, up as soon as it answers. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { unstable_readConfig } from "wrangler";
import { parseJson } from "../../protocol/parse-json.ts";
import { ProblemSchema } from "../../protocol/problem.ts";
import { Refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import { bundledModules } from "./worker-bundle.ts";
import { workerdConfig } from "./workerd-config.ts";
import { WorkerdProcess } from "./workerd-process.ts";

const ANSWER_DEADLINE_MS = 30_000;
const RETRY_MS = 20;

export interface ServerOptions {
  /** Of `wrangler.toml`. */
  readonly configPath: string;
  /** Where the Worker was built. */
  readonly bundleDir: string;
  /** Exists, and no other server uses it. */
  readonly dataDir: string;
  readonly objectsDir: string;
  readonly host: string;
  readonly port: number;
  readonly settings: Settings;
  readonly loud: boolean;
}

export interface Server {
  /** How this machine reaches it, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Why it refuses every request, in a sentence; `undefined` if it doesn't. */
  readonly refusal: string | undefined;
  readonly process: WorkerdProcess;
}

/** @throws Refusal if it dies or doesn't answer; then nothing is left running */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { bundleDir, objectsDir, host, settings, loud } = options;
  const config = unstable_readConfig({ config: options.configPath }, { hideWarnings: true });
  const runtime = new WorkerdProcess({
    config: workerdConfig(config, bundledModules(bundleDir), Object.keys(settings)),
    configPath: join(options.dataDir, "server.capnp"),
    bundleDir,
    objectsDir,
    host,
    port: options.port,
    environment: settings,
    loud,
  });
  const port = await runtime.listening;
  if (port === undefined) throw new Refusal(`The server did not start:\n${(await runtime.exited).said}`);
  const url = `http://${reachableHost(host)}:${port}`;
  const health = await askHealth(`${url}/healthz`, runtime);
  if (health === undefined) {
    const { said } = await runtime.stop();
    throw new Refusal(`The server started but does not answer ${url}/healthz:\n${said}`);
  }
  return { url, port, refusal: health.refusal, process: runtime };
}

/** Any answer will do: a server that refuses everyone, as it may have been told to, is up. */
async function askHealth(
  url: string,
  runtime: WorkerdProcess,
): Promise<{ readonly refusal: string | undefined } | undefined> {
  const gone = new AbortController();
  void runtime.exited.then(() => gone.abort());
  const giveUp = AbortSignal.any([gone.signal, AbortSignal.timeout(ANSWER_DEADLINE_MS)]);
  while (!giveUp.aborted) {
    try {
      const response = await fetch(url, { signal: giveUp });
      const text = await response.text();
      return { refusal: response.ok ? undefined : refusalIn(text) };
    } catch {
      await sleep(RETRY_MS);
    }
  }
  return undefined;
}

function refusalIn(text: string): string {
  const problem = v.safeParse(ProblemSchema, parseJson(text));
  // Else it was said by something else than the Worker.
  return problem.success ? problem.output.detail : "It does not say why.";
}

/** An address that stands for all of this machine's is not one to send requests to. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
