/** The SDK, for browsers and for Node from version 22. */
export type { Bias, Entry, Op } from "../core/sets/lww.ts";
export type { Verdict } from "../core/sets/decide.ts";
export { AnalyticsHandle } from "./analytics/analytics-handle.ts";
export type { EventInput, SliceLiveOptions } from "./analytics/analytics-handle.ts";
export type { FollowingFrame } from "./analytics/slice-frames.ts";
export type { Call, PathOf } from "./api-caller.ts";
export type { CountingFrame } from "./counters/count-frames.ts";
export { ItemsHandle } from "./counters/items-handle.ts";
export type { CountLiveOptions, ItemInput } from "./counters/items-handle.ts";
export { LiveConnection } from "./live/live-connection.ts";
export type { ConnectionStateKind } from "./live/connection-state.ts";
export { platformRuntime } from "./runtime.ts";
export type { LiveSocket, Runtime, SocketListener } from "./runtime.ts";
export { LwwSetReplica } from "./sets/lww-set-replica.ts";
export type { LwwSetReplicaOptions } from "./sets/lww-set-replica.ts";
export type {
  ReplicaEvent,
  ReplicaListener,
  ReplicaStats,
  ReplicaStatus,
  WriteProblem,
} from "./sets/replica-events.ts";
export type { MembershipChange } from "./sets/replica-state.ts";
export { MemoryReplicaStorage, WebReplicaStorage, parseStoredEntry } from "./sets/replica-storage.ts";
export type { ReplicaStorage } from "./sets/replica-storage.ts";
export type { AckFrame, ChangesFrame, ErrorFrame, SetFrame } from "./sets/set-frames.ts";
export { SetHandle } from "./sets/set-handle.ts";
export type { OpInput, SetLiveOptions } from "./sets/set-handle.ts";
export type { SourceFrame, UserFrame } from "./streams/stream-frames.ts";
export { StreamHandle } from "./streams/stream-handle.ts";
export type { GatewayLiveOptions, UserLiveOptions } from "./streams/stream-handle.ts";
export { StreamSource } from "./streams/stream-source.ts";
export type { SourceStanding, StreamSourceOptions } from "./streams/stream-source.ts";
export { UserNotifications } from "./streams/user-notifications.ts";
export type { StreamNotification, UserNotificationsOptions } from "./streams/user-notifications.ts";
export type { TokenOption } from "./token-source.ts";
export { WeirClient } from "./weir-client.ts";
export type { WeirClientOptions } from "./weir-client.ts";
export { WeirError } from "./weir-error.ts";
export type { WeirErrorCode } from "./weir-error.ts";
