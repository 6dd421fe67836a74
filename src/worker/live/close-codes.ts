/** With what sockets are closed, and why: RFC 6455, section 7.4, and its registry. */

export const CLOSE_NORMAL = 1000;
/** Another takes the place. */
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_UNSUPPORTED = 1003;
/** What a close frame without a code is reported as; it can't be sent. */
const CLOSE_WITHOUT_CODE = 1005;
/** The token has ended, or more was sent than there was credit for, or more messages than there may be. */
export const CLOSE_POLICY = 1008;
export const CLOSE_TOO_LARGE = 1009;
export const CLOSE_FAULT = 1011;
/** Come again: it goes on from where it was, or begins anew. */
export const CLOSE_RESTART = 1012;
export const RESTART_REASON = "come again";
export const CLOSE_TOO_SLOW = 1013;

/** The code that answers a client's own. */
export function closeCodeFor(code: number): number {
  return code === CLOSE_WITHOUT_CODE ? CLOSE_NORMAL : code;
}
