/** Whose token it is that is sent, and when another is asked for. */
import { expect, test } from "vitest";
import { TokenSource } from "../../src/client/token-source.ts";
import { WeirError } from "../../src/client/index.ts";

const NOW_MS = 1_700_000_000_000;

function jwt(expiresInS: number, id = ""): string {
  const payload = Buffer.from(JSON.stringify({ exp: NOW_MS / 1000 + expiresInS, id: `\u00ff${id}` }));
  return `h.${payload.toString("base64url")}.s`;
}

/** A source whose function gives these, one after the other, and the last for ever. */
function asked(...given: readonly (string | undefined | Error)[]) {
  const state = { asked: 0, nowMs: NOW_MS };
  const source = new TokenSource(
    async () => {
      state.asked += 1;
      const next = given[Math.min(state.asked, given.length) - 1];
      if (next instanceof Error) throw next;
      return next;
    },
    () => state.nowMs,
  );
  return { state, source };
}

test("a text is what it is, and there is no other", async () => {
  const expired = jwt(-10);
  const source = new TokenSource(expired, () => NOW_MS);
  expect(source.current()).toBe(expired);
  expect(await source.renew(expired)).toBe(false);
  expect(new TokenSource(undefined, () => NOW_MS).current()).toBeUndefined();
});

test("a function that answers at once makes nobody wait", () => {
  expect(
    new TokenSource(
      () => "t",
      () => NOW_MS,
    ).current(),
  ).toBe("t");
});

test("a function is asked once, also by many at a time", async () => {
  const { state, source } = asked(jwt(60));
  expect(await Promise.all([source.current(), source.current(), source.current()])).toEqual(Array(3).fill(jwt(60)));
  expect(source.current()).toBe(jwt(60));
  expect(state.asked).toBe(1);
});

test("a token that is about to expire is replaced, and one that is no JWT is left to the server", async () => {
  const { state, source } = asked(jwt(60), jwt(120));
  await source.current();
  state.nowMs += 55_000;
  expect(await source.current()).toBe(jwt(60));
  state.nowMs += 1;
  expect(await source.current()).toBe(jwt(120));
  expect(state.asked).toBe(2);
  for (const odd of ["opaque", "a.%.c", "a.bnVsbA.c", `a.${btoa('{"exp":"soon"}')}.c`]) {
    const { source: opaque } = asked(odd);
    expect(await opaque.current()).toBe(odd);
    expect(opaque.current()).toBe(odd);
  }
});

test("a token that was refused is replaced, if there is another", async () => {
  const { state, source } = asked("one", "two", "two");
  await source.current();
  expect(await source.renew("one")).toBe(true);
  // Whoever was refused with the old one needs only the new one.
  expect(await source.renew("one")).toBe(true);
  expect(state.asked).toBe(2);
  expect(await source.renew("two")).toBe(false);
  expect(state.asked).toBe(3);
  const { source: left } = asked("one", undefined);
  await left.current();
  expect(await left.renew("one")).toBe(false);
});

test("a function that fails fails whoever asks, and is asked again", async () => {
  const { source } = asked(new TypeError("offline"), "late");
  const error = await Promise.resolve(source.current()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WeirError);
  expect(error).toMatchObject({ code: "network", cause: new TypeError("offline") });
  expect(await source.current()).toBe("late");
  const thrower = new TokenSource(
    () => {
      throw new Error("no");
    },
    () => NOW_MS,
  );
  await expect(thrower.current()).rejects.toMatchObject({ code: "network" });
});
