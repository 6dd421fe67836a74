/** The bound of a message on a WebSocket, which is that of a request's body. */
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";

/** What its sender is told, who is then closed. */
export const TOO_LARGE_REASON = "a message must be at most 4 MiB";

export function isTooLarge(message: string | ArrayBuffer): boolean {
  if (typeof message !== "string") return message.byteLength > limits.bodyBytesMax;
  // A UTF-16 code unit has at most 3 bytes of UTF-8, so most messages need not be counted.
  return message.length * 3 > limits.bodyBytesMax && utf8Length(message) > limits.bodyBytesMax;
}
