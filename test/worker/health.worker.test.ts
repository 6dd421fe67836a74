import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

it("answers that it is well", async () => {
  const response = await exports.default.fetch("http://weir/healthz");
  expect(await response.json()).toEqual({ status: "ok" });
});
