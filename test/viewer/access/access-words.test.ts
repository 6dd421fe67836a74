/** What the page says where it is not let in. */
import { expect, it } from "vitest";
import { accessWords, refuseToken } from "../../../src/viewer/access/access-words.ts";

it("says what is missing: a token, another token, or a scope", () => {
  const unauthorized = { code: "unauthorized", detail: "The token has expired." } as const;
  const forbidden = { code: "forbidden", detail: "The token lacks the scope sets:read:a." } as const;
  expect(accessWords(unauthorized, false).title).toBe("This server asks for a token");
  expect(accessWords(unauthorized, true)).toEqual({
    title: "The token is not accepted",
    why: "The token has expired. Use another.",
  });
  expect(accessWords(forbidden, true)).toEqual({
    title: "This token does not reach here",
    why: "The token lacks the scope sets:read:a. Use one that has it.",
  });
  expect(accessWords({ code: "forbidden", detail: "Pages may not." }, false)).toEqual({
    title: "This page is not let in",
    why: "Pages may not.",
  });
});

it("takes for a token what may be one", () => {
  expect(refuseToken("a.b-_.c0")).toBeUndefined();
  for (const text of ["", "a", "a.b", "a.b.c.d", "a.b.", "Bearer a.b.c", "a.b.c\n", "ä.b.c"]) {
    expect(refuseToken(text)).toMatch(/\.$/);
  }
});
