/** What `cloudflare:workers` gives to tests: the Worker's own bindings and exports. */
import type * as worker from "../../src/worker/index.ts";
import type { Env as WorkerEnv } from "../../src/worker/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {}
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
