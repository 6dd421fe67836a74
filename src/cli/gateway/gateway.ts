/** A gateway: TCP ports for programs that speak the line protocol, and one connection to their stream. */
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayLink } from "./gateway-link.ts";
import type { GatewayListener, GatewaySocket } from "./gateway-link.ts";
import { GatewaySource } from "./gateway-source.ts";
import { GatewayUser } from "./gateway-user.ts";
import { BACKLOG, HoldBack } from "./hold-back.ts";

/** Waiting for a place included; the stream has its own bound. */
const SOURCES_MAX = 128;
/** Users and whoever has not said who they are; the stream has its own bound on users. */
const USERS_MAX = 32_000;
/** In the end, how long sources may take to have everything committed, and users to take what is theirs. */
const DRAIN_MS = 5_000;
/** Frames are held together for up to 50 ms; and there is none where the last events concern nobody here. */
const LAST_FRAME_MS = 250;
const LOOK_MS = 10;

export interface GatewayOptions {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly sourcePort: number;
  readonly userPort: number;
  readonly open: (listener: GatewayListener) => GatewaySocket;
  /** The stream's cursor, if it is known. */
  readonly cursor?: number | undefined;
  readonly log: (text: string) => void;
}

export interface Gateway {
  /** Resolves when the stream doesn't let it in any more. */
  readonly refused: Promise<void>;
  readonly sourcePort: number;
  readonly userPort: number;
  /** Takes nothing more, has what was taken committed and told, and closes. */
  stop(): Promise<void>;
}

/** Rejects where a port can't be had. */
export async function startGateway({
  host,
  sourcePort,
  userPort,
  open,
  cursor,
  log,
}: GatewayOptions): Promise<Gateway> {
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
  const link = new GatewayLink(open, log, refuse);
  const hold = new HoldBack();
  const unnamed = new Set<GatewayUser>();
  if (cursor !== undefined) link.beginAt(cursor);
  let connections = 0;

  const takeUser = (socket: Socket): void => {
    const user = new GatewayUser({
      id: connections++,
      socket,
      named: (named) => {
        unnamed.delete(named);
        link.addUser(named);
        hold.leave(named);
      },
      gone: (gone, why) => {
        unnamed.delete(gone);
        link.removeUser(gone);
        hold.leave(gone);
        if (why !== undefined) log(`user connection ${gone.id} was dropped: it ${why}`);
      },
    });
    unnamed.add(user);
    hold.enter(user);
    if (unnamed.size + link.users.size > USERS_MAX) user.drop("is one too many");
  };

  const takeSource = (socket: Socket): void => {
    const source = new GatewaySource({ id: connections++, socket, hold, ready: (ready) => link.pump(ready), log });
    if (link.sources.size >= SOURCES_MAX) {
      log(`source ${source.id} was refused: ${SOURCES_MAX} are there already`);
      return source.close();
    }
    log(`source ${source.id} connected`);
    link.addSource(source);
  };

  const users = createServer({ allowHalfOpen: true }, takeUser);
  const sources = createServer({ allowHalfOpen: true }, takeSource);
  const ports = [await listen(users, host, userPort), await listen(sources, host, sourcePort)] as const;
  link.connect();
  return {
    refused,
    userPort: ports[0],
    sourcePort: ports[1],
    stop: async () => {
      users.close();
      sources.close();
      await drain(link, log);
      for (const user of unnamed) user.drop("came as the gateway stopped");
      const ended = Promise.all(link.users.all.map((user) => user.end()));
      await Promise.race([ended, sleep(DRAIN_MS)]);
      link.close();
    },
  };
}

async function drain({ sources, users }: GatewayLink, log: (text: string) => void): Promise<void> {
  for (const source of sources.all) source.stopReading();
  await waitFor(() => sources.size === 0, DRAIN_MS);
  for (const { id, outbox } of sources.all) {
    if (outbox.lines > 0) log(`${outbox.lines} lines of source ${id} were not acknowledged; send them again`);
  }
  await waitFor(() => users.size === 0 || users.told >= sources.endedCursor, LAST_FRAME_MS);
}

async function waitFor(isSo: () => boolean, msMax: number): Promise<void> {
  for (let waitedMs = 0; !isSo() && waitedMs < msMax; waitedMs += LOOK_MS) await sleep(LOOK_MS);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", reject);
      // Connections that break while being accepted are no concern of the others.
      server.on("error", () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}
