/** `weir gateway`: lets programs that speak the line protocol over TCP have a stream. */
import { defineCommand } from "citty";
import { WeirClient } from "../../client/index.ts";
import type { StreamHandle } from "../../client/index.ts";
import { tokenFromEnvironment } from "../arguments.ts";
import { startGateway } from "./gateway.ts";
import { gatewayArguments, parseGatewayOptions } from "./gateway-options.ts";
import type { GatewayCommandOptions } from "./gateway-options.ts";

export const gatewayCommand = defineCommand({
  meta: { description: "Let programs that speak the line protocol over TCP have a stream" },
  args: gatewayArguments,
  async run({ args }) {
    const stopping = toldToStop();
    const options = parseGatewayOptions(args, process.env);
    const { url, host, sourcePort, userPort } = options;
    const token = tokenFromEnvironment();
    const stream = new WeirClient({ url, ...(token !== undefined && { token }) }).stream(options.stream);
    const gateway = await startGateway({
      host,
      sourcePort,
      userPort,
      cursor: await prepare(stream, options),
      open: (listener) => stream.gateway(listener),
      log: (text) => console.error(text),
    });
    const ports = `event sources on ${host}:${gateway.sourcePort}, users on ${host}:${gateway.userPort}`;
    console.log(`Stream ${JSON.stringify(options.stream)} of ${url.origin}: ${ports}`);
    const isRefused = await Promise.race([stopping.then(() => false), gateway.refused.then(() => true)]);
    await gateway.stop();
    if (isRefused) throw new Error("The stream doesn't let this gateway in; WEIR_TOKEN may have ended.");
  },
});

/** Sets the options that are given. Answers the cursor, so that who joins first can be told where that was. */
async function prepare(stream: StreamHandle, { streamOptions }: GatewayCommandOptions): Promise<number> {
  if (Object.keys(streamOptions).length > 0) await stream.configure(streamOptions);
  return (await stream.status()).cursor;
}

/** The second signal ends everything. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
