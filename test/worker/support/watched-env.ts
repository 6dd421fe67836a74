/** The Worker's bindings, watched: which objects a request reached. */
import { env } from "cloudflare:workers";
import type { Env } from "../../../src/worker/env.ts";

const reached: string[] = [];

/** One for a whole file, for what the isolate keeps is made with the bindings that it saw first. */
export const watchedEnv: Env = { ...env };

for (const [binding, value] of Object.entries(env)) {
  if (typeof value !== "object" || value === null || !("getByName" in value)) continue;
  const watch = new Proxy(value, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      if (String(key).startsWith("get")) reached.push(`${binding}.${String(key)}`);
      return member.bind(target) as unknown;
    },
  });
  Object.assign(watchedEnv, { [binding]: watch });
}

/** What was reached since it was asked last. */
export function takeReached(): readonly string[] {
  return reached.splice(0);
}
