/** What one row of the endpoints table says about a route. */
import type * as v from "valibot";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** Who may call: anyone, or whoever's scope covers `action` on every thing that the request names. */
export type Access =
  | { readonly kind: "public" }
  | {
      readonly kind: "scope";
      readonly feature: "sets" | "items" | "analytics";
      readonly action: "read" | "write";
      /** The thing's name, where the path doesn't say it. */
      readonly name?: string;
      /** The names are in the entries of the body, under this key; there may be many. */
      readonly namesInBody?: string;
      /** The name is in the query string, under this key. */
      readonly nameInQuery?: string;
    }
  | {
      readonly kind: "scope";
      readonly feature: "streams";
      /** `follow` is of one user of the stream, whom the path names. */
      readonly action: "source" | "read" | "follow" | "write";
      /** Another action of the same stream that the caller needs the scope for too. */
      readonly also?: "read";
    }
  /** Who runs the server. */
  | { readonly kind: "admin" };

export interface RequestBody {
  readonly schema: v.GenericSchema;
  /** `application/x-ndjson` is taken too: its lines become this key's array, or, with `true`, the body itself. */
  readonly ndjson?: string | true;
  /** Reads the JSON where what `JSON.parse` makes of it would not do; `undefined` if it is none. */
  readonly parseJson?: (text: string) => unknown;
  /** The body is no JSON but text, whatever its type; an empty one is the empty text. */
  readonly text?: true;
  /** An empty body stands for `{}`. */
  readonly optional?: true;
}

export interface Answer {
  readonly description: string;
  /** `application/json` unless `types` says otherwise; an answer without a schema has no body. */
  readonly schema?: v.GenericSchema;
  /** Other media types that the answer comes in, on request or always. */
  readonly types?: readonly string[];
}

export interface Endpoint {
  readonly method: Method;
  /** itty-router's pattern: parameters as `:name`, one segment each. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Names of the path's parameters and what each must be. */
  readonly params?: v.GenericSchema;
  readonly query?: v.GenericSchema;
  readonly body?: RequestBody;
  readonly answers: Readonly<Record<number, Answer>>;
  /**
   * What each entry (the query, or each entry of the body) must carry for the call to leave the same state when it is
   * made again. Without this any call may be repeated.
   */
  readonly repeatableBy?: "timestamp" | "id";
  /** Upgrades to a WebSocket, or answers Server-Sent Events. */
  readonly live?: true;
  /** Its callers are never told that they come too often: they look whether the server answers. */
  readonly unlimited?: true;
  /** The shape of its errors: RFC 9457 problems, or the `{"error"}` of the element-set protocol. */
  readonly errors?: "element-set";
}
