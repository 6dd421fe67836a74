/** Several connections as one: it is as good as the worst of them, and tries again when the first of them does. */
import type { ConnectionStateKind, LiveConnection } from "../client/index.ts";
import type { ConnectionStatus } from "./connection-words.ts";

type Connection = Pick<LiveConnection<unknown>, "kind" | "reconnects" | "retryAtMs" | "refusal">;

/** From the worst to the best. */
const ORDER: readonly ConnectionStateKind[] = [
  "closed",
  "refused",
  "idle",
  "offline",
  "waiting",
  "connecting",
  "catching-up",
  "live",
];

export function liveStatus(connections: readonly Connection[]): ConnectionStatus {
  const kind = ORDER.find((each) => connections.some((connection) => connection.kind === each)) ?? "idle";
  const retriesMs = connections.flatMap(({ retryAtMs }) => retryAtMs ?? []);
  return {
    kind,
    again: connections.some(({ reconnects }) => reconnects > 0),
    refusal: connections.find(({ refusal }) => refusal !== undefined)?.refusal,
    retryAtMs: retriesMs.length === 0 ? undefined : Math.min(...retriesMs),
  };
}
