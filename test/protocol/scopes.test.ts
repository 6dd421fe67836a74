/** What scopes cover, over names from small alphabets, in which every character that means something is common. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Grant, isScope, scopeText } from "../../src/protocol/scopes.ts";
import type { Action, Feature } from "../../src/protocol/scopes.ts";

const ACTIONS: readonly (readonly [Feature, Action])[] = [
  ["sets", "read"],
  ["sets", "write"],
  ["items", "read"],
  ["items", "write"],
  ["analytics", "read"],
  ["analytics", "write"],
  ["streams", "source"],
  ["streams", "read"],
  ["streams", "write"],
  ["streams", "follow"],
];

const anyAction = fc.constantFrom(...ACTIONS);
const anyName = fc
  .array(fc.constantFrom("a", "b", "*", "/", ":", " ", "%", "%2A", "é", "😀"), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(""));
const anyNames = fc.tuple(anyName, anyName);

function namesFor(action: Action, [first, second]: readonly [string, string]): readonly string[] {
  return action === "follow" ? [first, second] : [first];
}

describe("scopes", () => {
  test("[K1] are a feature, an action and a name, and nothing else covers anything", () => {
    for (const [feature, action] of ACTIONS) expect(isScope(`${feature}:${action}`)).toBe(true);
    const senseless = [
      " sets sets: sets:read: sets:delete sets:source items:follow sets:reads Sets:read :read sets::x",
      "* *:* sets:* *:read administrator admin:x Admin toString:read",
      "sets:read:% sets:read:%FF sets:read:%C3* sets:read:%2",
      "streams:follow: streams:follow:a streams:follow:a/ streams:follow:/u streams:follow:/* streams:follow:a/b/c",
    ].flatMap((line) => line.split(" "));
    for (const text of senseless) {
      const grant = new Grant(text);
      expect([text, isScope(text), grant.isAdmin]).toEqual([text, false, false]);
      for (const [feature, action] of ACTIONS) {
        expect([text, grant.coversSome(feature, action)]).toEqual([text, false]);
        for (const name of ["x", "a", "", "u", "/", "read", "*"]) {
          expect(grant.covers(feature, action, namesFor(action, [name, "u"]))).toBe(false);
        }
      }
    }
  });

  test("[K1] that make no sense take nothing from those that do", () => {
    const grant = new Grant("nonsense  sets:read:a sets:write: items:read");
    expect(grant.covers("sets", "read", ["a"])).toBe(true);
    expect(grant.covers("items", "read", ["any"])).toBe(true);
    expect(grant.coversSome("sets", "write")).toBe(false);
  });

  test("[K2] without a name cover every name, for their feature and action alone", () => {
    fc.assert(
      fc.property(anyAction, anyAction, anyNames, ([feature, action], [otherFeature, otherAction], names) => {
        const grant = new Grant(scopeText(feature, action));
        expect(grant.covers(feature, action, namesFor(action, names))).toBe(true);
        const isSame = feature === otherFeature && action === otherAction;
        const isReadOfStream = feature === "streams" && action === "read" && otherAction === "follow";
        const covers = grant.covers(otherFeature, otherAction, namesFor(otherAction, names));
        expect(covers).toBe(isSame || isReadOfStream);
        expect(grant.coversSome(otherFeature, otherAction)).toBe(covers);
      }),
    );
  });

  test("[K2] [K3] with a name cover that name and no other, whatever it is made of", () => {
    fc.assert(
      fc.property(anyAction, anyNames, anyNames, ([feature, action], own, other) => {
        const names = namesFor(action, own);
        const text = scopeText(feature, action, names);
        expect(text).toMatch(/^[!-~]+$/);
        expect(isScope(text)).toBe(true);
        const grant = new Grant(`x ${text} y`);
        expect(grant.covers(feature, action, names)).toBe(true);
        const others = namesFor(action, other);
        const isSame = names.every((name, index) => name === others[index]);
        expect(grant.covers(feature, action, others)).toBe(isSame);
      }),
    );
  });

  test("[K2] that end in a star cover the names that begin so", () => {
    fc.assert(
      fc.property(anyAction, anyNames, anyNames, ([feature, action], own, other) => {
        const names = namesFor(action, own);
        const grant = new Grant(`${scopeText(feature, action, names)}*`);
        const others = namesFor(action, other);
        const last = names.length - 1;
        const begins = names.every((name, index) => {
          return index === last ? others[index]!.startsWith(name) : others[index] === name;
        });
        expect(grant.covers(feature, action, others)).toBe(begins);
      }),
    );
    expect(new Grant("sets:read:cart-*").covers("sets", "read", ["cart-"])).toBe(true);
    expect(new Grant("sets:read:cart-*").covers("sets", "read", ["cart"])).toBe(false);
    expect(new Grant("sets:read:*").covers("sets", "read", ["x"])).toBe(true);
  });

  test("[K3] take a star that is encoded, or not the last character, for itself", () => {
    expect(new Grant("sets:read:a%2A").covers("sets", "read", ["a*"])).toBe(true);
    expect(new Grant("sets:read:a%2A").covers("sets", "read", ["ab"])).toBe(false);
    expect(new Grant("sets:read:a*b").covers("sets", "read", ["a*b"])).toBe(true);
    expect(new Grant("sets:read:a*b").covers("sets", "read", ["axb"])).toBe(false);
  });

  test("[K3] take colons and slashes of a name for themselves, encoded or not", () => {
    for (const text of ["sets:read:a/b:c", "sets:read:a%2Fb%3Ac"]) {
      expect(new Grant(text).covers("sets", "read", ["a/b:c"])).toBe(true);
      expect(new Grant(text).covers("sets", "read", ["a"])).toBe(false);
    }
  });

  test("[K4] of a user name the stream too, and neither can be confused with the other", () => {
    const follow = (scope: string, stream: string, user: string): boolean =>
      new Grant(scope).covers("streams", "follow", [stream, user]);
    expect(follow("streams:follow:a/b", "a", "b")).toBe(true);
    expect(follow("streams:follow:a%2Fb/c", "a/b", "c")).toBe(true);
    expect(follow("streams:follow:a%2Fb/c", "a", "b/c")).toBe(false);
    expect(follow("streams:follow:a/b%2Fc", "a/b", "c")).toBe(false);
    expect(follow("streams:follow:a/*", "a", "anyone")).toBe(true);
    expect(follow("streams:follow:a/*", "ab", "anyone")).toBe(false);
    expect(follow("streams:follow:a*", "ab", "anyone")).toBe(true);
    expect(follow("streams:follow:*", "ab", "anyone")).toBe(true);
  });

  test("[K4] that let read a stream let follow its users, and not the other way round", () => {
    const reads = new Grant("streams:read:a");
    expect(reads.covers("streams", "follow", ["a", "anyone"])).toBe(true);
    expect(reads.covers("streams", "follow", ["b", "anyone"])).toBe(false);
    expect(new Grant("streams:follow:a/*").covers("streams", "read", ["a"])).toBe(false);
    expect(new Grant("streams:source streams:write").coversSome("streams", "follow")).toBe(false);
  });

  test("[K5] of the admin cover everything, and no others do", () => {
    fc.assert(
      fc.property(anyAction, anyNames, ([feature, action], names) => {
        expect(new Grant("x admin").covers(feature, action, namesFor(action, names))).toBe(true);
      }),
    );
    const all = ACTIONS.map(([feature, action]) => `${feature}:${action}`).join(" ");
    expect(new Grant("sets:read admin").isAdmin).toBe(true);
    expect(new Grant(all).isAdmin).toBe(false);
    expect(new Grant("sets:write").covers("sets", "read", ["x"])).toBe(false);
  });
});
