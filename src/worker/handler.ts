/** What a feature implements for its routes: one handler for each endpoint of the table. */
import type { BodyOf, EndpointId, ParamsOf, QueryOf } from "../protocol/endpoints.ts";
import type { Result } from "../protocol/problem.ts";
import type { Env } from "./env.ts";
import type { WaitUntil } from "./wait-until.ts";

/** The parts of a path, of a query or of an entry, by their names; the schemas of the table make objects of them. */
export type Texts = Readonly<Record<string, unknown>>;

/** A request that was found well-formed and allowed. */
export interface Call<K extends EndpointId> {
  /** As it came; for upgrades, `Accept` and streams. */
  readonly request: Request;
  readonly env: Env;
  readonly waitUntil: WaitUntil;
  readonly params: ParamsOf<K>;
  readonly query: QueryOf<K>;
  readonly body: BodyOf<K>;
}

export type Handler<K extends EndpointId> = (call: Call<K>) => Promise<Result<Response>>;

export type Handlers<K extends EndpointId = EndpointId> = { readonly [Id in K]: Handler<Id> };
