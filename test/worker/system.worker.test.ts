import { describe, expect, it } from "vitest";
import { expectProblem } from "./support/problems.ts";
import { answer, request } from "./support/request.ts";

describe("routes of no feature", () => {
  it.each(["/healthz", "/health"])("answers that it is well at %s", async (path) => {
    expect(await answer(request("GET", path))).toEqual({ status: "ok" });
  });

  it("describes the API, every route of it", async () => {
    const document = await answer<{ openapi: string; paths: object }>(request("GET", "/openapi.json"));
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/sets/{set}", "/sets/{set}/changes", "/api/element-set/fetch-all-data"]),
    );
  });

  it("serves the page, which may run its own script and nothing else", async () => {
    const response = await request("GET", "/");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("Content-Security-Policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(await response.text()).toContain("<title>");
  });

  it.each([
    ["app.js", "text/javascript; charset=utf-8"],
    ["app.css", "text/css; charset=utf-8"],
  ])("serves the page's %s", async (file, type) => {
    const response = await request("GET", `/viewer/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe(type);
    expect(await response.text()).not.toBe("");
  });

  it.each(["nothing.js", "constructor", "__proto__", "..%2Findex.ts"])("has no file %s for the page", async (file) => {
    await expectProblem(request("GET", `/viewer/${file}`), "not_found");
  });

  it("keeps browsers from guessing what any answer is, and the page from telling where it is", async () => {
    for (const path of ["/healthz", "/", "/nowhere", "/sets/a"]) {
      const { headers } = await request("GET", path);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
    expect((await request("GET", "/")).headers.get("Referrer-Policy")).toBe("no-referrer");
  });
});
