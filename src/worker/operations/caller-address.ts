/**
 * Where a request comes from, as far as its sender can't make it up.
 *
 * Who holds an IPv6 address holds the 2^64 of its network too, so these count as one.
 */

/** Requests whose origin nobody vouches for share one allowance. */
const UNKNOWN = "unknown";
const NETWORK_GROUPS = 4;
const GROUPS = 8;

export function callerAddress(request: Request): string {
  const { cf } = request;
  // The runtime's own word for who is at the other end of the connection; there is none behind Cloudflare.
  const peer = cf?.["clientIp"];
  if (typeof peer === "string") return networkOf(withoutPort(peer));
  // Behind Cloudflare its edge writes the header, whatever the client sent. Elsewhere anyone could.
  const address = cf === undefined ? null : request.headers.get("CF-Connecting-IP");
  return address === null ? UNKNOWN : networkOf(address);
}

function withoutPort(peer: string): string {
  const inBrackets = /^\[([^\]]+)\]/.exec(peer)?.[1];
  if (inBrackets !== undefined) return inBrackets;
  // An IPv6 address without brackets has no port.
  return peer.split(":").length === 2 ? peer.slice(0, peer.indexOf(":")) : peer;
}

/** An IPv4 address as it is, of an IPv6 address its first half. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [left = "", right] = address.toLowerCase().split("::", 2);
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : Math.max(0, GROUPS - head.length - tail.length);
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...tail];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
