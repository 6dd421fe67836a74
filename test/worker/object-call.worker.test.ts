import { describe, expect, it } from "vitest";
import { callObject } from "../../src/worker/object-call.ts";

/** An object that fails as the platform does, `times` times, before it answers. */
function failing(times: number, error: object) {
  const opened: number[] = [];
  const call = () =>
    callObject(
      () => opened.push(opened.length),
      async (stub) => {
        if (opened.length <= times) throw Object.assign(new Error("planted"), error);
        return `answer of stub ${stub}`;
      },
    );
  return { opened, call };
}

describe("a call to an object", () => {
  it("is tried again, each time on a fresh stub, when it may go better", async () => {
    const { opened, call } = failing(3, { retryable: true });
    expect(await call()).toEqual({ ok: true, value: "answer of stub 4" });
    expect(opened).toEqual([0, 1, 2, 3]);
  });

  it("is given up with 503 and Retry-After after three tries more", async () => {
    const { opened, call } = failing(4, { retryable: true });
    expect(await call()).toMatchObject({ ok: false, problem: { code: "overloaded", retryAfterS: 1 } });
    expect(opened).toHaveLength(4);
  });

  it("is not tried again when the object is overloaded", async () => {
    const { opened, call } = failing(1, { retryable: true, overloaded: true });
    expect(await call()).toMatchObject({ ok: false, problem: { code: "overloaded", retryAfterS: 1 } });
    expect(opened).toHaveLength(1);
  });

  it("is not tried again when it failed for good: that is a bug", async () => {
    const { opened, call } = failing(1, {});
    await expect(call()).rejects.toThrow("planted");
    expect(opened).toHaveLength(1);
  });

  it("is not tried again when its repetition would count twice", async () => {
    let calls = 0;
    const once = callObject(
      () => {},
      async () => {
        calls += 1;
        throw Object.assign(new Error("planted"), { retryable: true });
      },
      { repeatable: false },
    );
    expect(await once).toMatchObject({ ok: false, problem: { code: "overloaded" } });
    expect(calls).toBe(1);
  });
});
