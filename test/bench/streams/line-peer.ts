/**
 * The same algorithm in one Node process, with nothing between it and TCP and nothing kept: what a stream that is durable
 * and on the edge is measured against. Takes the source's lines and tells users in the same turn.
 */
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { GatewayUser } from "../../../src/cli/gateway/gateway-user.ts";
import { HoldBack } from "../../../src/cli/gateway/hold-back.ts";
import { LineSplitter } from "../../../src/cli/gateway/line-splitter.ts";
import type { Lines } from "../../../src/cli/gateway/line-splitter.ts";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import type { StreamStore } from "../../../src/core/streams/stream-store.ts";

/** Keeps nothing. */
const forgetful: StreamStore = {
  head: () => undefined,
  held: () => [],
  gaps: () => [],
  checkpoint: () => [],
  segmentsAfter: () => [],
  deadLetters: () => [],
  checkpointChunk: () => undefined,
  checkpointMark: () => "",
  commit: () => {},
  restore: () => {},
};

export interface LinePeer {
  readonly sourcePort: number;
  readonly userPort: number;
}

export async function startLinePeer(host = "127.0.0.1"): Promise<LinePeer> {
  const users = new Map<string, Set<GatewayUser>>();
  const touched = new Set<GatewayUser>();
  const hold = new HoldBack();
  const tell = (name: string, line: string): void => {
    for (const user of users.get(name) ?? []) {
      user.add(line);
      touched.add(user);
    }
  };
  const stream = new OrderedStream(
    forgetful,
    {
      users,
      told: ({ line }, recipients) => {
        for (const name of recipients ?? users.keys()) tell(name, `${line}\n`);
      },
      skipped: () => {},
    },
    Date.now(),
  );
  const take = ({ text, count }: Lines): void => {
    if (count > 0) stream.take(text, Date.now());
    for (const user of touched) user.flush();
    touched.clear();
  };

  let connections = 0;
  const userServer = createServer({ allowHalfOpen: true }, (socket) => {
    const user = new GatewayUser({
      id: connections++,
      socket,
      named: (named) => {
        if (named.name === undefined) return;
        const same = users.get(named.name);
        if (same === undefined) {
          users.set(named.name, new Set([named]));
          stream.join(named.name);
        } else same.add(named);
        hold.leave(named);
      },
      gone: (gone) => {
        hold.leave(gone);
        const same = gone.name === undefined ? undefined : users.get(gone.name);
        if (gone.name === undefined || same?.delete(gone) !== true || same.size > 0) return;
        users.delete(gone.name);
        stream.leave(gone.name);
      },
    });
    hold.enter(user);
  });
  const sourceServer = createServer({ allowHalfOpen: true }, (socket) => feed(socket, hold, take));
  return { sourcePort: await listen(sourceServer, host), userPort: await listen(userServer, host) };
}

function feed(socket: Socket, hold: HoldBack, take: (lines: Lines) => void): void {
  const splitter = new LineSplitter();
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    socket.pause();
    hold.run(() => {
      take(splitter.push(chunk));
      socket.resume();
    });
  });
  socket.on("end", () => {
    hold.run(() => {
      take(splitter.end());
      socket.end();
    });
  });
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen({ host, port: 0, backlog: 4_096 }, () => resolve((server.address() as AddressInfo).port));
  });
}

if (import.meta.main) {
  const { sourcePort, userPort } = await startLinePeer();
  console.log(JSON.stringify({ sourcePort, userPort }));
}
