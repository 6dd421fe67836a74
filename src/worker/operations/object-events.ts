/**
 * What happens to objects, in the log: few events, each telling the object's class and id. The id is what the platform's
 * dashboard knows it by; there it is derived from the name with a key, so that it gives no name away.
 */
import type { Env } from "../env.ts";
import { logBounded, logInfo, logShare } from "../log.ts";
import type { LogFields } from "../log.ts";

const classNames = new WeakMap<DurableObjectState, string>();

/**
 * For the constructor of each object: it was created, or woken. There are as many of these as callers like, so only a share
 * is logged, the same as of requests.
 */
export function logWoken(ctx: DurableObjectState, env: Pick<Env, "LOG_SAMPLE">, className: string): void {
  classNames.set(ctx, className);
  const share = logShare(env.LOG_SAMPLE);
  if (Math.random() < share) logInfo({ event: "woken", ...identity(ctx), share });
}

/** Something happened to the object that does not happen often. */
export function logObjectEvent(ctx: DurableObjectState, event: string, fields: LogFields = {}): void {
  logBounded("info", { event, ...identity(ctx), ...fields });
}

function identity(ctx: DurableObjectState): LogFields {
  return { object: classNames.get(ctx), objectId: ctx.id.toString() };
}
