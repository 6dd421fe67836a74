/** What a replica tells those who subscribed, and how it describes itself. */
import type { Verdict } from "../../core/sets/decide.ts";
import type { Entry } from "../../core/sets/lww.ts";
import type { FieldError, ProblemCode } from "../../protocol/problem.ts";
import type { ConnectionStateKind } from "../live/connection-state.ts";
import type { WeirError } from "../weir-error.ts";
import type { MembershipChange } from "./replica-state.ts";

export interface ReplicaStatus {
  readonly connection: ConnectionStateKind;
  /** When it will try to connect again, in milliseconds since the Unix epoch; `undefined` while it isn't waiting to. */
  readonly retryAtMs: number | undefined;
  /** Why the server doesn't let it in; `undefined` unless `connection` is `refused`. */
  readonly refusal: WeirError | undefined;
  /** Operations that the server has not acknowledged. */
  readonly pending: number;
  /** Members, with those that only this replica has so far. */
  readonly size: number;
  /** Where it is in the server's history; `undefined` before the first frame. */
  readonly offset: string | undefined;
  /** Of the server's state as it is known here. */
  readonly serverSize: number;
  /** Of the server's state as it is known here. */
  readonly digest: string;
  /** The last complete state was proven to be the server's, by size and digest. */
  readonly verified: boolean;
  /** Nothing is under way in either direction: connected, verified, and everything of its own is in there. */
  readonly converged: boolean;
  readonly stats: ReplicaStats;
}

/** Counted since the replica was made. */
export interface ReplicaStats {
  /** Local operations. */
  readonly ops: number;
  /** Operations that were accepted by the server. */
  readonly acknowledged: number;
  /** Operations that were not, and are dropped. */
  readonly rejected: number;
  /** Frames of changes. */
  readonly frames: number;
  readonly reconnects: number;
  /** How often the digest was not the server's, so that everything was read again. */
  readonly resyncs: number;
}

/** Why the server can't be told: it said no to a write as a whole, which stays queued and is tried again later. */
export interface WriteProblem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[] | undefined;
}

export type ReplicaEvent =
  /** Elements became members or ceased to be, by whomever. */
  | { readonly type: "changed"; readonly changes: readonly MembershipChange[] }
  /** Anything in the status may be different. */
  | { readonly type: "status" }
  /** The server has these for good; a verdict for each. */
  | { readonly type: "acknowledged"; readonly ops: readonly Entry[]; readonly verdicts: readonly Verdict[] }
  /** The server does not accept this operation. It is dropped, and shows no longer. */
  | { readonly type: "rejected"; readonly op: Entry; readonly reason: "future" | "expired" | "invalid" }
  | { readonly type: "problem"; readonly problem: WriteProblem }
  /** The state was not the server's; it is read again from the beginning. */
  | { readonly type: "resync"; readonly offset: string };

export type ReplicaListener = (event: ReplicaEvent) => void;
