/**
 * What the SDK needs of the world around it: a clock, chance, timers, sockets, and whether there is a network. Everything
 * else in the SDK is decided by these, so a test that brings its own can replay any history.
 */

/** Told by a socket; each at most once but `message`, and nothing after `closed`. */
export interface SocketListener {
  opened(): void;
  message(text: string): void;
  /** It is closed, or never opened. */
  closed(code: number): void;
}

export interface LiveSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface Runtime {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** From 0 to 1, exclusive. */
  random(): number;
  /** Calls back once; the answer cancels. */
  setTimer(ms: number, fire: () => void): () => void;
  openSocket(url: string, protocols: readonly string[], listener: SocketListener): LiveSocket;
  /** Tells when the network is said to go and to come back; the answer ends it. */
  watchNetwork(changed: (online: boolean) => void): () => void;
}

/** As platforms report a socket that never was: RFC 6455, section 7.4. */
export const CLOSED_ABNORMALLY = 1006;

/** Browsers, and Node from version 22: both have a global `WebSocket`. */
export const platformRuntime: Runtime = {
  nowMs: () => Date.now(),

  random: () => Math.random(),

  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },

  openSocket(url, protocols, listener) {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, [...protocols]);
    } catch {
      // A page whose policy forbids the address, say. It is reported as any other failure to connect.
      queueMicrotask(() => listener.closed(CLOSED_ABNORMALLY));
      return { send: () => {}, close: () => {} };
    }
    socket.addEventListener("open", () => listener.opened());
    socket.addEventListener("message", ({ data }) => listener.message(typeof data === "string" ? data : ""));
    // An error is always followed by a close.
    socket.addEventListener("close", ({ code }) => listener.closed(code));
    return { send: (text) => socket.send(text), close: (code, reason) => socket.close(code, reason) };
  },

  watchNetwork(changed) {
    if (typeof window === "undefined") return () => {};
    const online = () => changed(true);
    const offline = () => changed(false);
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
    };
  },
};
