import { describe, expect, it } from "vitest";
import { expectProblem } from "./support/problems.ts";
import { answer, request } from "./support/request.ts";
import { add, TestSet } from "./support/test-set.ts";

describe("paths and methods", () => {
  it.each([
    "/nowhere",
    "/sets",
    "/sets/a/b",
    "/sets/a/ops/b",
    "/sets/a/elements",
    "/api/element-set",
    "/sets//ops",
    "/sets/a/",
    "/sets/a/ops/",
  ])("finds nothing at %s", async (path) => {
    for (const method of ["GET", "POST", "OPTIONS"]) await expectProblem(request(method, path), "not_found");
  });

  it.each([
    ["POST", "/healthz", "GET, HEAD"],
    ["POST", "/sets/a", "PUT, GET, HEAD, DELETE"],
    ["PATCH", "/sets/a", "PUT, GET, HEAD, DELETE"],
    ["GET", "/sets/a/ops", "POST"],
    ["HEAD", "/sets/a/ops", "POST"],
    ["POST", "/sets/a/changes", "GET, HEAD"],
    ["POST", "/sets/a/live", "GET, HEAD"],
    ["POST", "/sets/a/elements/x", "GET, HEAD, PUT, DELETE"],
    ["GET", "/api/element-set/add", "POST"],
    ["POST", "/api/element-set/remove", "DELETE"],
  ])("refuses %s %s and says what is allowed", async (method, path, allow) => {
    const response = await request(method, path);
    expect(response.headers.get("Allow")).toBe(allow);
    if (method === "HEAD") expect([response.status, await response.text()]).toEqual([405, ""]);
    else await expectProblem(response, "method_not_allowed");
  });

  it.each(["..", "%2e%2e", "%2E.", "."])(
    "takes a request about the element %s for none about the set",
    async (dots) => {
      const set = new TestSet();
      await set.write(add("a"));
      for (const method of ["GET", "PUT", "DELETE"]) {
        await expectProblem(request(method, `${set.path}/elements/${dots}`), "not_found");
      }
      expect(await answer(request("GET", set.path))).toMatchObject({ elements: ["a"] });
    },
  );

  it("refuses wrong methods without having done anything", async () => {
    const set = new TestSet();
    await request("POST", `${set.path}/elements/x`);
    await request("PATCH", set.path, { body: {} });
    expect(await set.tables()).toEqual([]);
  });

  it.each(["/healthz", "/", "/openapi.json", "/sets/a", "/sets/a/changes", "/sets/a/elements/x"])(
    "answers HEAD %s as GET, without the body",
    async (path) => {
      const [head, get] = [await request("HEAD", path), await request("GET", path)];
      expect(await head.text()).toBe("");
      expect(head.status).toBe(200);
      expect(head.headers.get("Content-Type")).toBe(get.headers.get("Content-Type"));
      await get.text();
    },
  );

  it("answers OPTIONS of a path that exists with its methods", async () => {
    const response = await request("OPTIONS", "/sets/a");
    expect(response.status).toBe(204);
    expect(response.headers.get("Allow")).toBe("PUT, GET, HEAD, DELETE");
  });

  it("answers HEAD of a live route at once, without a stream that nobody reads", async () => {
    const set = new TestSet();
    await set.write(add("a"));
    const response = await request("HEAD", `${set.path}/live`, { headers: { Accept: "text/event-stream" } });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
