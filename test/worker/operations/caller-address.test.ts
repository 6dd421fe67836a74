import { expect, test } from "vitest";
import { callerAddress } from "../../../src/worker/operations/caller-address.ts";

/** The part of a request that tells where it comes from. */
function requestFrom(cf: object | undefined, headers: Readonly<Record<string, string>> = {}): Request {
  return Object.assign(new Request("http://weir/", { headers }), { cf });
}

test.each([
  ["127.0.0.1:33162", "127.0.0.1"],
  ["203.0.113.9", "203.0.113.9"],
  ["[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2"],
  ["[::1]:8787", "0:0:0:0"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
])("is what the runtime says of %s: %s", (clientIp, address) => {
  expect(callerAddress(requestFrom({ clientIp }))).toBe(address);
});

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002::6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["2001:db8::2:3:4:5", "2001:db8:0:0"],
  ["2001:db8::", "2001:db8:0:0"],
])("is the network of what the edge says: %s is of %s", (address, network) => {
  expect(callerAddress(requestFrom({ colo: "FRA" }, { "CF-Connecting-IP": address }))).toBe(network);
});

test("takes no client's word for it", () => {
  const headers = { "CF-Connecting-IP": "203.0.113.9", "X-Forwarded-For": "203.0.113.9" };
  expect(callerAddress(requestFrom({ clientIp: "127.0.0.1:1" }, headers))).toBe("127.0.0.1");
  expect(callerAddress(requestFrom(undefined, headers))).toBe("unknown");
});
