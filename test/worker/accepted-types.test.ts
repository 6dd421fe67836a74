/** What `Accept` asks for where an answer comes in two forms. */
import { expect, test } from "vitest";
import { accepts } from "../../src/worker/accepted-types.ts";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain";

function takesJson(accept: string | undefined): boolean {
  const headers = accept === undefined ? {} : { Accept: accept };
  return accepts(new Request("http://weir/", { headers }), JSON_TYPE, TEXT_TYPE);
}

test.each([
  "application/json",
  "APPLICATION/JSON",
  "application/json; charset=utf-8",
  "application/json, text/plain, */*",
  "application/json;q=0.9, text/plain;q=0.2",
  "text/plain;q=0.5, application/json",
  "text/html, application/json;q=0.1",
  "text/plain;q=0, application/json;q=0.001",
])("%s asks for JSON", (accept) => {
  expect(takesJson(accept)).toBe(true);
});

test.each([
  undefined,
  "",
  "*/*",
  "application/*",
  "text/plain",
  "text/plain, application/json",
  "application/json;q=0",
  "application/json ; Q=0.000, */*",
  "text/plain;q=1, application/json;q=0.1",
  "application/json-seq",
  "application/jsonp",
  "application/problem+json",
])("%s does not", (accept) => {
  expect(takesJson(accept)).toBe(false);
});

test("one form alone is asked for by its name", () => {
  const accept = (value: string) => accepts(new Request("http://weir/", { headers: { Accept: value } }), TEXT_TYPE);
  expect(accept("application/json, text/plain;q=0.1")).toBe(true);
  expect(accept("application/json, text/plain;q=0")).toBe(false);
});
