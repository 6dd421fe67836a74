/** Where a token may stand in a request, and where it must not be looked for. */
import * as fc from "fast-check";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";

/** How an endpoint is called. */
export type Form = "http" | "head" | "socket" | "events";

export interface Place {
  /** Whether it is one. */
  readonly isRight: boolean;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly search?: (token: string) => string;
}

const SUBPROTOCOL = "Sec-WebSocket-Protocol";

const authorizations: readonly Place[] = [
  { isRight: true, headers: (token) => ({ Authorization: `Bearer ${token}` }) },
  { isRight: true, headers: (token) => ({ Authorization: `bEARER   ${token}` }) },
  // Another token beside it is none that counts for less, or more.
  { isRight: true, headers: (token) => ({ Authorization: `Bearer ${token}`, [SUBPROTOCOL]: "weir, bearer.guess" }) },
  { isRight: false, headers: (token) => ({ Authorization: token }) },
  { isRight: false, headers: (token) => ({ Authorization: `Basic ${token}` }) },
  { isRight: false, headers: (token) => ({ Authorization: `Bearer${token}` }) },
  { isRight: false, headers: (token) => ({ "Proxy-Authorization": `Bearer ${token}` }) },
  { isRight: false, headers: (token) => ({ Cookie: `token=${token}; Authorization=Bearer ${token}` }) },
  { isRight: false, headers: (token) => ({ "X-Api-Key": token, "Weir-Viewer": "writes 9e99", Token: token }) },
  { isRight: false, headers: () => ({}), search: (token) => `token=${token}&access_token=${token}&bearer=${token}` },
  { isRight: false, headers: () => ({}) },
];

/** `isRight` for WebSockets alone. */
const subprotocols: readonly Place[] = [
  { isRight: true, headers: (token) => ({ [SUBPROTOCOL]: `weir, bearer.${token}` }) },
  { isRight: true, headers: (token) => ({ [SUBPROTOCOL]: `bearer.${token},weir` }) },
  { isRight: true, headers: (token) => ({ [SUBPROTOCOL]: `other , bearer.${token} , bearer.guess, weir` }) },
  { isRight: false, headers: (token) => ({ [SUBPROTOCOL]: `weir, Bearer.${token}` }) },
  { isRight: false, headers: (token) => ({ [SUBPROTOCOL]: `weir, ${token}` }) },
  { isRight: false, headers: (token) => ({ [SUBPROTOCOL]: `weir, bearer ${token}` }) },
  { isRight: false, headers: (token) => ({ Authorization: "Basic x", [SUBPROTOCOL]: `weir, bearer.${token}` }) },
];

export function formsOf({ method, live, answers }: Endpoint): readonly Form[] {
  if (live !== true) return method === "GET" ? ["http", "head"] : ["http"];
  return 200 in answers ? ["socket", "events"] : ["socket"];
}

/** A right place half of the time. */
export function placesFor(form: Form): fc.Arbitrary<Place> {
  const all = [
    ...authorizations,
    ...subprotocols.map((place) => ({ ...place, isRight: place.isRight && form === "socket" })),
  ];
  const right = all.filter(({ isRight }) => isRight);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );
}

/** A header can't carry everything; what it can't, no client can send. */
export function isSendable(headers: Readonly<Record<string, string>>): boolean {
  try {
    void new Headers(headers);
    return true;
  } catch {
    return false;
  }
}
