/** How much a user of a gateway may leave untaken. */
import { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { GatewayUser, UNTAKEN_BYTES_MAX } from "../../../src/cli/gateway/gateway-user.ts";

/** Whose other end takes nothing. */
class StalledSocket extends Socket {
  override _write(): void {}
}

test("a user may leave so many bytes untaken, and is dropped for one more", () => {
  const socket = new StalledSocket();
  onTestFinished(() => void socket.destroy());
  const gone: (string | undefined)[] = [];
  const user = new GatewayUser({ id: 1, socket, named: () => {}, gone: (_, why) => gone.push(why) });
  const line = `${"é".repeat(511)}x\n`;
  for (let bytes = 0; bytes < UNTAKEN_BYTES_MAX; bytes += Buffer.byteLength(line)) {
    user.add(line);
    user.flush();
  }
  expect([user.untakenBytes, gone, socket.destroyed]).toEqual([UNTAKEN_BYTES_MAX, [], false]);
  user.add("\n");
  user.flush();
  expect([gone, socket.destroyed]).toEqual([["takes its lines too slowly"], true]);
});
