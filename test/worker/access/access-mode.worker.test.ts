import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import type { Env } from "../../../src/worker/env.ts";
import { handle } from "../../../src/worker/serve.ts";
import { expectProblem } from "../support/problems.ts";
import { mint, OTHER_SECRET, SECRET } from "../support/tokens.ts";
import { takeReached, watchedEnv } from "../support/watched-env.ts";
import { sampleRequest } from "../support/sample-requests.ts";

const { AUTH_MODE: _mode, ...withoutMode } = watchedEnv;

function ask(settings: Partial<Env>, token?: string, method = "GET", path = "/sets/a"): Promise<Response> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return handle(
    new Request(`http://weir${path}`, { method, headers }),
    { ...withoutMode, ...settings },
    createExecutionContext(),
  );
}

const key = { AUTH_SECRET: SECRET };

describe("a server that is not configured", () => {
  const settings: readonly Partial<Env>[] = [
    {},
    ...["", "Open", " open", "none", "Token", "token "].map((mode) => ({ AUTH_MODE: mode, ...key })),
    { AUTH_MODE: "token" },
    { AUTH_MODE: "token", AUTH_SECRET: "" },
    { AUTH_MODE: "token", AUTH_SECRET_PREVIOUS: SECRET },
    { AUTH_MODE: "token", ...key, AUTH_SECRET_PREVIOUS: "" },
    { AUTH_MODE: "token", ...key, AUTH_JWKS_URL: "https://keys.example/jwks.json" },
    { AUTH_MODE: "token", AUTH_JWKS_URL: "" },
    { AUTH_MODE: "token", AUTH_JWKS_URL: "http://keys.example/jwks.json" },
    { AUTH_MODE: "token", AUTH_JWKS_URL: "file:///etc/keys" },
    { AUTH_MODE: "token", ...key, AUTH_AUDIENCE: "" },
    { AUTH_MODE: "token", ...key, AUTH_ISSUER: "" },
  ];

  it.each(settings)("[K11] refuses every request, and says why: %j", async (setting) => {
    const token = await mint({ scope: "admin" });
    for (const [id, endpoint] of Object.entries<Endpoint>(endpoints)) {
      const { path } = sampleRequest(id, endpoint);
      const refused = await ask(setting, token, endpoint.method, path);
      expect([path, refused.status, refused.headers.get("WWW-Authenticate")]).toEqual([path, 401, "Bearer"]);
      const text = await refused.text();
      expect(text).toMatch(/AUTH_/);
      for (const secret of Object.entries(setting)) {
        if (secret[0].startsWith("AUTH_SECRET") && secret[1] !== "") expect(text).not.toContain(secret[1]);
      }
    }
    expect(takeReached()).toEqual([]);
  });
});

describe("secrets", () => {
  it("[K8] are taken as they are, as UTF-8", async () => {
    for (const secret of ["a", "a".repeat(1_000), "é"]) {
      const settings = { AUTH_MODE: "token", AUTH_SECRET: secret };
      expect((await ask(settings, await mint({ scope: "sets:read", secret }))).status).toBe(200);
    }
  });

  it("[K8] count two at once, told apart by kid, and each as long as it is set", async () => {
    const [now, before] = [
      await mint({ scope: "sets:read" }),
      await mint({ scope: "sets:read", secret: OTHER_SECRET }),
    ];
    const unnamed = await mint({ scope: "sets:read", secret: OTHER_SECRET, kid: null });
    const statuses = async (settings: Partial<Env>): Promise<readonly number[]> => {
      const answers = [now, before, unnamed].map((token) => ask({ AUTH_MODE: "token", ...settings }, token));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect(await statuses({ AUTH_SECRET: OTHER_SECRET })).toEqual([401, 200, 200]);
    expect(await statuses({ ...key, AUTH_SECRET_PREVIOUS: OTHER_SECRET })).toEqual([200, 200, 200]);
    expect(await statuses(key)).toEqual([200, 401, 401]);
  });

  it("[K8] count whatever name of its own a token's maker has for them", async () => {
    const named = (secret: string) => mint({ scope: "sets:read", secret, kid: "primary" });
    expect((await ask({ AUTH_MODE: "token", ...key }, await named(SECRET))).status).toBe(200);
    expect((await ask({ AUTH_MODE: "token", ...key }, await named(OTHER_SECRET))).status).toBe(401);
  });
});

describe("tokens", () => {
  const settings = { AUTH_MODE: "token", ...key };

  it("[K8] are of the issuer and for the audience that are set", async () => {
    const token = (claims: object) => mint({ scope: "sets:read", claims: { ...claims } });
    const mine = { iss: "https://issuer.example", aud: ["weir", "others"] };
    const strict = { ...settings, AUTH_ISSUER: "https://issuer.example", AUTH_AUDIENCE: "weir" };
    expect((await ask(strict, await token(mine))).status).toBe(200);
    for (const claims of [{}, { ...mine, iss: "https://other.example" }, { ...mine, aud: "weirs" }, { aud: "weir" }]) {
      expect((await ask(strict, await token(claims))).status).toBe(401);
    }
    expect((await ask(settings, await token(mine))).status).toBe(200);
  });

  it("[K1] without a scope that is a text open nothing", async () => {
    for (const scope of [undefined, null, 7, ["sets:read"], { sets: "read" }, true]) {
      const token = await mint({ claims: { scope } });
      await expectProblem(ask(settings, token), "forbidden");
    }
  });

  it("don't matter to an open server", async () => {
    expect((await ask({ AUTH_MODE: "open" }, "guess")).status).toBe(200);
  });

  it("say in the refusal which scope is missing, and nothing of themselves", async () => {
    const token = await mint({ scope: "sets:read:b sets:write" });
    const { detail } = await expectProblem(ask(settings, token), "forbidden");
    expect(detail).toBe("The token lacks the scope sets:read:a.");
    const refused = await expectProblem(ask(settings, `${token}x`), "unauthorized");
    expect(JSON.stringify(refused)).not.toContain(token.slice(0, 20));
  });
});

it("names in the body need a scope each, and one that lacks refuses them all", async () => {
  const settings = { ...withoutMode, AUTH_MODE: "token", ...key };
  const token = await mint({ scope: "items:write:a items:write:b* analytics:write:s" });
  const post = (path: string, body: unknown): Promise<Response> => {
    const headers = { Authorization: `Bearer ${token}` };
    const request = new Request(`http://weir${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return handle(request, settings, createExecutionContext());
  };
  const item = (tenant: string) => ({ id: "i", tenant });
  expect((await post("/items", [item("a"), item("b1"), item("b2")])).status).toBe(200);
  expect((await post("/items", item("a"))).status).toBe(200);
  takeReached();
  const lacking = [item("a"), item("c"), item("b"), item("c d")];
  const { errors } = await expectProblem(post("/items", lacking), "forbidden", "[1].tenant", "[3].tenant");
  expect(errors?.[1]?.message).toBe("needs the scope items:write:c%20d");
  await expectProblem(post("/items", item("c")), "forbidden", "[0].tenant");
  const event = { timestamp: 1, user: "u", event: "click" };
  expect((await post("/analytics/events", [{ ...event, site: "s" }])).status).toBe(202);
  takeReached();
  // The site of an event that names none is `default`.
  await expectProblem(post("/analytics/events", [{ ...event, site: "s" }, event]), "forbidden", "[1].site");
  const many = Array.from({ length: 10_000 }, (_, index) => item(`t${index}`));
  const { errors: listed } = await (await post("/items", many)).json<{ errors: readonly unknown[] }>();
  expect(listed).toHaveLength(20);
  expect(takeReached()).toEqual([]);
});

it("is open here unless a test says otherwise", () => {
  expect(env.AUTH_MODE).toBe("open");
});
