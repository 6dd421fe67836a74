/** Requests to an endpoint of the table, from right to hopeless. */
import * as fc from "fast-check";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { addressed, broken, hostileValue, mutated, toJson } from "./hostile-values.ts";
import { hostileLines } from "./hostile-lines.ts";
import { valuesOf } from "./schema-values.ts";

export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

type Texts = Readonly<Record<string, string>>;

export function requestsTo(endpoint: Endpoint): fc.Arbitrary<FuzzedRequest> {
  const { params, query, method } = endpoint;
  const body = bodiesOf(endpoint);
  const parts = fc.record({
    method: rarely(
      method,
      fc.constantFrom("GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH", "PROPFIND", "get"),
    ),
    path: pathsOf(endpoint.path, params === undefined ? fc.constant({}) : (valuesOf(params) as fc.Arbitrary<Texts>)),
    search: searchesOf(query === undefined ? fc.constant({}) : (valuesOf(query) as fc.Arbitrary<Texts>)),
    headers: headersOf(endpoint),
    body,
  });
  return parts.map(({ method: asked, path, search, headers, body: sent }) => {
    const hasBody = asked !== "GET" && asked !== "HEAD" && asked !== "get";
    const lines = sent?.ndjson === true ? { "Content-Type": "application/x-ndjson" } : {};
    return {
      method: asked,
      path: path + search,
      headers: { ...lines, ...headers },
      body: hasBody ? sent?.text : undefined,
    };
  });
}

function rarely<T>(usual: T, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });
}

function pathsOf(pattern: string, params: fc.Arbitrary<Texts>): fc.Arbitrary<string> {
  const names = [...pattern.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const segments = names.map((name) => {
    const right = params.map((values) => values[name] ?? "");
    const encoded = right.map((text) => encodeURIComponent(text));
    return fc.oneof({ weight: 6, arbitrary: encoded }, { weight: 1, arbitrary: addressed(right) });
  });
  const filled = fc.tuple(...segments).map((texts) => {
    let at = 0;
    return pattern.replaceAll(/:\w+/g, () => texts[at++] ?? "");
  });
  const ends = fc.constantFrom("/", "//", "/..", "/.", "%2f", "/more", "/%", ";a", "/:x");
  return fc.tuple(filled, rarely("", ends)).map(([path, end]) => path + end);
}

function searchesOf(query: fc.Arbitrary<Texts>): fc.Arbitrary<string> {
  const right = query.map((values) =>
    Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`),
  );
  const wrong = fc
    .tuple(query, fc.nat(), addressed(fc.constantFrom("a", "1")), fc.nat(3))
    .map(([values, at, hostile, how]) => {
      const pairs = Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
      const keys = Object.keys(values);
      const key = keys[at % Math.max(keys.length, 1)] ?? "since";
      const place = Math.max(keys.indexOf(key), 0);
      if (how === 0) pairs.splice(place, 1);
      else if (how === 1) pairs.push(`${key}=${hostile}`);
      else if (how === 2) pairs.push(`${hostile}=1`, "__proto__=1", "&&=&", key);
      else pairs.splice(place, 1, `${key}=${hostile}`);
      return pairs;
    });
  const pairs = fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: wrong });
  return pairs.map((made) => (made.length === 0 ? "" : `?${made.join("&")}`));
}

const someHeaders: fc.Arbitrary<Texts> = fc
  .subarray(
    [
      ["Content-Type", "application/json"],
      ["Content-Type", "application/x-ndjson; charset=utf-8"],
      ["Content-Type", "multipart/form-data"],
      ["Content-Type", ";;;"],
      ["Content-Encoding", "gzip"],
      ["Content-Encoding", "identity"],
      ["Content-Encoding", "br, zstd"],
      ["Accept", "application/x-ndjson"],
      ["Accept", "application/json, text/event-stream;q=0"],
      ["Accept", ",,,"],
      ["Accept-Encoding", "gzip;q=0, *;q=nonsense"],
      ["Upgrade", "websocket"],
      ["Upgrade", "h2c"],
      ["Last-Event-ID", "nonsense"],
      ["Last-Event-ID", "0:0"],
      ["Authorization", "Bearer x.y.z"],
      ["Sec-WebSocket-Protocol", "weir, bearer."],
      ["Origin", "null"],
      ["Origin", "http://weir"],
      ["Cache-Control", "no-cache"],
      ["X-Request-Id", "a b"],
      ["Content-Length", "99999999"],
      ["Range", "bytes=5-1"],
    ] as const,
    { minLength: 1, maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs));

/** A live route is mostly asked for one of its forms. */
function headersOf({ live }: Endpoint): fc.Arbitrary<Texts> {
  const none: fc.Arbitrary<Texts> = fc.constant({});
  const forms: fc.Arbitrary<Texts> =
    live === true ? fc.constantFrom({ Upgrade: "websocket" }, { Accept: "text/event-stream" }) : none;
  return fc.oneof(
    { weight: 5, arbitrary: forms },
    { weight: 2, arbitrary: fc.tuple(forms, someHeaders).map(([form, more]) => ({ ...form, ...more })) },
  );
}

interface Body {
  readonly text: string | Uint8Array<ArrayBuffer>;
  readonly ndjson?: true;
}

function bodiesOf({ body }: Endpoint): fc.Arbitrary<Body | undefined> {
  if (body === undefined) return rarely(undefined, fc.constant({ text: "{}" }));
  if (body.text === true)
    return fc.oneof(
      hostileLines.map((text): Body => ({ text })),
      oddBodies,
    );
  const values = valuesOf(body.schema);
  const wrong = mutated(values);
  const json = (made: fc.Arbitrary<unknown>) => made.map(toJson);
  const kinds = [
    { weight: 3, arbitrary: json(values).map((text): Body => ({ text })) },
    { weight: 4, arbitrary: json(wrong).map((text): Body => ({ text })) },
    { weight: 1, arbitrary: broken(json(values)).map((text): Body => ({ text })) },
    { weight: 1, arbitrary: json(hostileValue).map((text): Body => ({ text })) },
    { weight: 1, arbitrary: oddBodies },
  ];
  if (body.ndjson === undefined) return fc.oneof(...kinds);
  const lines = fc.oneof(values, wrong).map((value) => toLines(value, body.ndjson));
  return fc.oneof(
    ...kinds,
    { weight: 2, arbitrary: lines.map((text): Body => ({ text, ndjson: true })) },
    { weight: 1, arbitrary: broken(lines).map((text): Body => ({ text, ndjson: true })) },
  );
}

const oddBodies: fc.Arbitrary<Body | undefined> = fc.oneof(
  fc
    .constantFrom("", " ", "null", "[", "\ufeff{}", '{"a":1,}', "1e999", '"\\ud800"', "[".repeat(100_000))
    .map((text) => ({
      text,
    })),
  fc.uint8Array({ maxLength: 20 }).map((text) => ({ text: new Uint8Array(text) })),
  fc.constant(undefined),
);

function toLines(value: unknown, key: string | true | undefined): string {
  const lines = typeof key === "string" ? (value as Readonly<Record<string, unknown>> | null)?.[key] : value;
  return (Array.isArray(lines) ? (lines as readonly unknown[]) : [lines]).map(toJson).join("\n");
}
