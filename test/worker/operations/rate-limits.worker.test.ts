import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "../../../src/worker/env.ts";
import { limitToken } from "../../../src/worker/operations/rate-limits.ts";
import { handle } from "../../../src/worker/serve.ts";
import { captureLog } from "../support/logged-lines.ts";
import { expectProblem } from "../support/problems.ts";
import { TestSet } from "../support/test-set.ts";

let addresses = 0;

/** Somebody who has not called yet. */
class TestCaller {
  readonly #settings: Partial<Env>;
  readonly #clientIp = `10.0.${addresses >> 8}.${addresses++ & 255}:1234`;

  constructor(settings: Partial<Env>) {
    this.#settings = settings;
  }

  send(path: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`http://weir${path}`, { ...init, cf: { clientIp: this.#clientIp } as CfProperties });
    return handle(request, { ...env, ...this.#settings }, createExecutionContext());
  }

  async statuses(path: string, times: number): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      const response = await this.send(path);
      await response.text();
      statuses.push(response.status);
    }
    return statuses;
  }
}

/** The platform's count, which lets `limit` requests of each key through. */
class PlatformLimiter implements RateLimit {
  readonly seen = new Map<string, number>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async limit({ key }: RateLimitOptions): Promise<RateLimitOutcome> {
    const count = (this.seen.get(key) ?? 0) + 1;
    this.seen.set(key, count);
    return { success: count <= this.#limit };
  }
}

describe("an address", () => {
  it("may come as often as it may, and then is told when to come again", async () => {
    const caller = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "5" });
    expect(await caller.statuses("/sets/a", 5)).toEqual([200, 200, 200, 200, 200]);
    const refused = await caller.send("/sets/a");
    const retryAfterS = Number(refused.headers.get("Retry-After"));
    expect(retryAfterS).toBeGreaterThan(0);
    expect(retryAfterS).toBeLessThanOrEqual(12);
    await expectProblem(refused, "rate_limited");
    const other = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "5" });
    expect(await other.statuses("/sets/a", 1)).toEqual([200]);
  });

  it("is limited on every path and method, but where one looks whether the server answers", async () => {
    const caller = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "1" });
    expect(await caller.statuses("/nowhere", 2)).toEqual([404, 429]);
    expect((await caller.send("/sets/a", { method: "OPTIONS" })).status).toBe(429);
    expect((await caller.send("/openapi.json")).status).toBe(429);
    expect(await caller.statuses("/healthz", 3)).toEqual([200, 200, 200]);
    expect(await caller.statuses("/health", 3)).toEqual([200, 200, 200]);
  });

  it("is limited before its token is looked at, and before its body is read", async () => {
    const closed = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "1", AUTH_MODE: "token" });
    expect(await closed.statuses("/sets/a", 2)).toEqual([401, 429]);

    const caller = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "1" });
    const set = new TestSet();
    await caller.statuses("/sets/a", 1);
    const never = new ReadableStream<Uint8Array>();
    await expectProblem(caller.send(`${set.path}/ops`, { method: "POST", body: never }), "rate_limited");
    expect(await set.tables()).toEqual([]);
  });

  it("gets the refusal in the form of its protocol", async () => {
    const caller = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: "1" });
    await caller.statuses("/api/element-set/contains?value=1", 1);
    const refused = await caller.send("/api/element-set/contains?value=1");
    expect([refused.status, await refused.json()]).toEqual([429, { error: expect.stringContaining("Too many") }]);
    expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
  });

  it("is counted by the platform where that is bound, and not here", async () => {
    const platform = new PlatformLimiter(2);
    const caller = new TestCaller({ ADDRESS_LIMITER: platform, ADDRESS_REQUESTS_PER_MINUTE: "1" });
    expect(await caller.statuses("/sets/a", 3)).toEqual([200, 200, 429]);
    expect(platform.seen.size).toBe(1);
    expect([...platform.seen.keys()][0]).toMatch(/^10\.0\.\d+\.\d+$/);
  });

  it("may come as often as it likes unless someone says otherwise", async () => {
    const caller = new TestCaller({});
    expect(new Set(await caller.statuses("/openapi.json", 200))).toEqual(new Set([200]));
  });

  it.each(["0", "-1", "1.5", "many", "", "1e3"])("fails with a limit that is none: %j", async (setting) => {
    const log = captureLog();
    const caller = new TestCaller({ ADDRESS_REQUESTS_PER_MINUTE: setting });
    expect(await caller.statuses("/sets/a", 1)).toEqual([500]);
    expect(log.all()).toContainEqual(expect.objectContaining({ message: expect.stringContaining("ADDRESS_REQUESTS") }));
  });
});

describe("the holder of a token", () => {
  async function passes(settings: Partial<Env>, ...holders: readonly string[]): Promise<readonly boolean[]> {
    const outcomes: boolean[] = [];
    for (const holder of holders) outcomes.push((await limitToken(holder, { ...env, ...settings }))?.ok ?? true);
    return outcomes;
  }

  it("may come as often as it may, from wherever, and nobody on its account less", async () => {
    const settings = { TOKEN_REQUESTS_PER_MINUTE: "2" };
    expect(await passes(settings, "a", "a", "a", "b")).toEqual([true, true, false, true]);
  });

  it("is counted by the platform where that is bound", async () => {
    const settings = { TOKEN_LIMITER: new PlatformLimiter(1), TOKEN_REQUESTS_PER_MINUTE: "9" };
    expect(await passes(settings, "a", "a", "b")).toEqual([true, false, true]);
  });

  it("may come as often as it likes unless someone says otherwise", async () => {
    expect(await passes({}, ...Array.from({ length: 100 }, () => "a"))).not.toContain(false);
  });
});
