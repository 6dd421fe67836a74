/**
 * How often each address, and each holder of a token, may come. The address is looked at first, before anything is read or
 * checked, so that guessing tokens is limited too.
 *
 * Two ways to count. With a binding of the platform (`[[ratelimits]]`), it counts for all isolates of one of its places.
 * Otherwise, if `ADDRESS_REQUESTS_PER_MINUTE` or `TOKEN_REQUESTS_PER_MINUTE` is set, this isolate counts, which locally is the
 * whole server. With neither there is no limit.
 */
import { succeed } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import type { Env } from "../env.ts";
import { callerAddress } from "./caller-address.ts";
import { RateLimiter } from "./rate-limiter.ts";

const MS_PER_S = 1_000;
/** The platform doesn't say when its period ends; it is ten seconds long. */
const PLATFORM_RETRY_AFTER_S = 10;

const ALLOWED = succeed(undefined);

/** By their setting: `env` is the same for all requests, but for those of tests. */
const limiters = new Map<string, RateLimiter>();

/** Whether another request may come from where this one does. `undefined`: there is no limit. */
export function limitAddress(request: Request, env: Env): Promise<Result<undefined>> | undefined {
  const { ADDRESS_LIMITER: platform, ADDRESS_REQUESTS_PER_MINUTE: setting } = env;
  if (platform !== undefined) return limitByPlatform(platform, callerAddress(request), "address");
  return setting === undefined ? undefined : limitHere("ADDRESS", setting, callerAddress(request), "address");
}

/** Whether `holder` of a token may send another request. `undefined`: there is no limit. */
export function limitToken(holder: string, env: Env): Promise<Result<undefined>> | undefined {
  const { TOKEN_LIMITER: platform, TOKEN_REQUESTS_PER_MINUTE: setting } = env;
  if (platform !== undefined) return limitByPlatform(platform, holder, "token");
  return setting === undefined ? undefined : limitHere("TOKEN", setting, holder, "token");
}

async function limitByPlatform(platform: RateLimit, key: string, whose: string): Promise<Result<undefined>> {
  const { success } = await platform.limit({ key });
  return success ? ALLOWED : { ok: false, problem: tooOften(whose, PLATFORM_RETRY_AFTER_S) };
}

async function limitHere(kind: string, setting: string, key: string, whose: string): Promise<Result<undefined>> {
  const waitMs = limiterOf(kind, setting).waitMs(key, Date.now());
  return waitMs === 0 ? ALLOWED : { ok: false, problem: tooOften(whose, Math.ceil(waitMs / MS_PER_S)) };
}

/** A limit that makes no sense is not taken for none: every request fails, and the log says why. */
function limiterOf(kind: string, setting: string): RateLimiter {
  const name = `${kind} ${setting}`;
  let limiter = limiters.get(name);
  if (limiter === undefined) {
    if (!/^[1-9]\d{0,8}$/.test(setting)) throw new Error(`${kind}_REQUESTS_PER_MINUTE must be a whole number from 1`);
    limiters.set(name, (limiter = new RateLimiter(Number(setting))));
  }
  return limiter;
}

function tooOften(whose: string, retryAfterS: number): Problem {
  return { code: "rate_limited", detail: `Too many requests from this ${whose}; come again later.`, retryAfterS };
}
