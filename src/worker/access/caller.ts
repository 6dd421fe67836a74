/** Who calls, as far as it matters: what they may do, until when, and how to tell them from others. */
import { ADMIN_SCOPE, Grant } from "../../protocol/scopes.ts";

export interface Caller {
  readonly grant: Grant;
  /** When it ends, in milliseconds since the Unix epoch; `undefined` if it doesn't. */
  readonly expiresMs: number | undefined;
  /** The same for the same token, and nothing by which that could be found out; `undefined` without a token. */
  readonly key: string | undefined;
}

/** Where everyone may do everything. */
export const ANYONE: Caller = { grant: new Grant(ADMIN_SCOPE), expiresMs: undefined, key: undefined };
/** Whom nobody asks for a token. */
export const STRANGER: Caller = { grant: new Grant(""), expiresMs: undefined, key: undefined };
