/**
 * Looks at what a request calls its host. The runtime makes the address of a request by writing this header and the path
 * one after the other, whatever is in them. So a host with a slash in it would ask for another path than the one that
 * everything on the way has seen, and of one that is none no address could be made at all.
 */
import { refuseField, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";

const SOUND = succeed(undefined);
const UNSOUND = refuseField("Host", "must be a host, and may name a port");

/** The last that was sound: nearly all requests name the same. */
let lastSound: string | null = null;

/** @param host `null` where there is no such header: then the platform has made the address of something else */
export function checkHost(host: string | null): Result<undefined> {
  if (host === lastSound || host === null) return SOUND;
  if (/[/\\?#@\s]/.test(host) || !URL.canParse(`http://${host}`)) return UNSOUND;
  lastSound = host;
  return SOUND;
}
