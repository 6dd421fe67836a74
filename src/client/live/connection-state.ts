/**
 * The states, events and effects of a live connection, as data. What follows from what is in the transition table; who
 * carries the effects out is the driver. Nothing here has a clock, a socket or chance of its own.
 *
 * A state is never changed, only replaced. There is at most one socket and one timer at any time, and both belong to the
 * state: a state that has none leaves none behind.
 */

/** What outlives every socket. */
export interface Carried {
  /** Where to resume; `undefined` is the beginning. Always the offset of the last frame that was handed on. */
  readonly since: string | undefined;
  /** What the platform last said about the network. */
  readonly online: boolean;
  /** In a row, without a frame in between. */
  readonly failures: number;
}

/** What is known about the socket of a state that has an open one. */
export interface Session extends Carried {
  /** A `ping` is out, and the timer is its deadline. Else the timer is when to send the next. */
  readonly awaitingPong: boolean;
  /** Characters received since the last `seen`. */
  readonly unseenChars: number;
}

export type ConnectionState =
  /** Not wanted. */
  | (Carried & { readonly kind: "idle" })
  /** A socket is opening; the timer is its deadline. */
  | (Carried & { readonly kind: "connecting" })
  /** The socket is open, and the server has more than was received. */
  | (Session & { readonly kind: "catching-up" })
  /** Up to date, and told of every change. */
  | (Session & { readonly kind: "live" })
  /** The timer is when to try again. */
  | (Carried & { readonly kind: "waiting" })
  /** There is said to be no network. The timer tries all the same, for a server on this machine needs none. */
  | (Carried & { readonly kind: "offline" })
  /** The server doesn't let this caller in. Trying again would not help until something has changed. */
  | (Carried & { readonly kind: "refused" })
  /** For good. */
  | (Carried & { readonly kind: "closed" });

export type ConnectionStateKind = ConnectionState["kind"];
export type StateOf<K extends ConnectionStateKind> = Extract<ConnectionState, { readonly kind: K }>;

export type ConnectionEvent =
  /** The application wants it connected: now, without waiting for the timer. */
  | { readonly type: "connect" }
  /** The application wants it disconnected until `connect`. */
  | { readonly type: "disconnect" }
  /** The application is done with it. */
  | { readonly type: "close" }
  | { readonly type: "online" }
  | { readonly type: "offline" }
  /** The socket is open. */
  | { readonly type: "opened" }
  /** A frame that moves the position, to be handed on right after. */
  | { readonly type: "frame"; readonly offset: string; readonly more: boolean; readonly chars: number }
  /** The server starts again from the beginning. */
  | { readonly type: "reset"; readonly chars: number }
  /** Any other message, `pong` included. */
  | { readonly type: "message"; readonly chars: number }
  /** The socket closed, or could not be opened. */
  | { readonly type: "lost"; readonly code: number }
  /** It was found out that no socket can be opened because the server doesn't let this caller in. */
  | { readonly type: "refused" }
  /** Something came that makes no sense, or something due did not come: the socket is of no more use. */
  | { readonly type: "fault" }
  /** What was received can't be right, so it must be had again from the beginning. */
  | { readonly type: "resync"; readonly failures: number }
  /** The timer has run out. */
  | { readonly type: "elapsed" };

export type ConnectionEventType = ConnectionEvent["type"];
export type EventOf<T extends ConnectionEventType> = Extract<ConnectionEvent, { readonly type: T }>;

export type ConnectionEffect =
  | { readonly type: "open-socket"; readonly since: string | undefined }
  | { readonly type: "close-socket"; readonly code: number; readonly reason: string }
  /** In place of the timer that is set, if one is. */
  | { readonly type: "set-timer"; readonly ms: number }
  | { readonly type: "clear-timer" }
  | { readonly type: "send"; readonly text: string };

export interface Transition {
  readonly state: ConnectionState;
  /** In this order. */
  readonly effects: readonly ConnectionEffect[];
}

export function initialState(since: string | undefined): ConnectionState {
  return { kind: "idle", since, online: true, failures: 0 };
}

/** Whether something can be sent in such a state. */
export function isOpenKind(kind: ConnectionStateKind): boolean {
  return kind === "catching-up" || kind === "live";
}
