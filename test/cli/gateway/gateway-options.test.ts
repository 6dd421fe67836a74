/** What a gateway is told by arguments, and by the environment of old programs. */
import { describe, expect, it } from "vitest";
import type { ParsedArgs } from "citty";
import { parseGatewayOptions } from "../../../src/cli/gateway/gateway-options.ts";
import type { gatewayArguments } from "../../../src/cli/gateway/gateway-options.ts";

type Arguments = ParsedArgs<typeof gatewayArguments>;

function args(given: Partial<Arguments> = {}): Arguments {
  return { _: [], url: "http://127.0.0.1:8787", stream: "default", host: "127.0.0.1", ...given } as Arguments;
}

describe("a gateway", () => {
  it("has the usual ports, and leaves the stream's options alone, unless told otherwise", () => {
    expect(parseGatewayOptions(args(), {})).toMatchObject({ sourcePort: 9090, userPort: 9099, streamOptions: {} });
  });

  it("honours the environment, and arguments before it", () => {
    const environment = {
      eventSourceServerPort: "19090",
      userServerPort: "19099",
      maxEventSourceClients: "2",
      maxUserClients: "300",
      eventTimeoutMs: "-1",
    };
    expect(parseGatewayOptions(args(), environment)).toMatchObject({
      sourcePort: 19_090,
      userPort: 19_099,
      streamOptions: { max_sources: 2, max_users: 300, event_timeout_ms: -1 },
    });
    expect(parseGatewayOptions(args({ "user-port": "7", "event-timeout": "50" }), environment)).toMatchObject({
      userPort: 7,
      streamOptions: { event_timeout_ms: 50 },
    });
    expect(parseGatewayOptions(args(), { maxUserClients: "" }).streamOptions).toEqual({});
  });

  it.each([
    ["eventTimeoutMs", "soon", 'eventTimeoutMs must be a whole number up to 86400000, not "soon".'],
    ["eventTimeoutMs", "86400001", "eventTimeoutMs must be"],
    ["maxUserClients", "0", "maxUserClients must be a whole number from 1 to 30000"],
    ["maxUserClients", "30001", "maxUserClients must be"],
    ["maxEventSourceClients", "101", "maxEventSourceClients must be a whole number from 1 to 100"],
    ["userServerPort", "65536", "userServerPort must be a whole number from 0 to 65535"],
  ])("refuses %s=%s with a sentence", (name, value, sentence) => {
    expect(() => parseGatewayOptions(args(), { [name]: value })).toThrow(sentence);
  });

  it("takes every limit as it is", () => {
    const most = { eventTimeoutMs: "86400000", maxUserClients: "30000", maxEventSourceClients: "100" };
    expect(parseGatewayOptions(args(), most).streamOptions).toEqual({
      event_timeout_ms: 86_400_000,
      max_users: 30_000,
      max_sources: 100,
    });
    expect(() => parseGatewayOptions(args({ stream: "" }), {})).toThrow("--stream: must not be empty.");
    expect(() => parseGatewayOptions(args({ "user-port": "x" }), {})).toThrow("--user-port must be");
  });
});
