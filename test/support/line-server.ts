/**
 * The least server of the line protocol: takes lines over TCP, sorts them by number once the source has ended, and tells
 * users. Shares no code with anything, and can be told to get it wrong.
 */
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** What is sent to a user in place of a line; the line's number among those of this user counts from 0. */
export type Tamper = (user: string, line: string, count: number) => readonly string[];

export interface LineServer {
  readonly sourcePort: number;
  readonly userPort: number;
}

export async function startLineServer(tamper: Tamper = (_user, line) => [line]): Promise<LineServer> {
  const waiting = new Map<number, string>();
  const users = new Map<string, { readonly socket: Socket; count: number }>();
  const followers = new Map<string, Set<string>>();
  let next = 1;
  const followersOf = (user: string): Set<string> => {
    let found = followers.get(user);
    if (found === undefined) followers.set(user, (found = new Set()));
    return found;
  };
  const tell = (name: string, line: string): void => {
    const user = users.get(name);
    if (user === undefined) return;
    for (const told of tamper(name, line, user.count)) user.socket.write(`${told}\n`);
    user.count += 1;
  };
  const process = (line: string): void => {
    const [, type, from = "", to = ""] = line.split("|");
    if (type === "B") for (const user of users.keys()) tell(user, line);
    if (type === "S") for (const follower of followersOf(from)) tell(follower, line);
    if (type === "F") followersOf(to).add(from);
    if (type === "U") followersOf(to).delete(from);
    if (type === "F" || type === "P") tell(to, line);
  };
  const sources = createServer((socket) => {
    socket.on("error", () => {});
    createInterface(socket)
      .on("line", (line) => {
        if (isEvent(line)) {
          const number = Number(line.split("|")[0]);
          if (number >= next) waiting.set(number, line);
        }
      })
      .on("close", () => void finish());
  });
  const unnamed = new Set<Socket>();
  const listeners = createServer((socket) => {
    unnamed.add(socket);
    socket.on("error", () => {});
    createInterface(socket).once("line", (name) => {
      unnamed.delete(socket);
      users.set(name, { socket, count: 0 });
    });
  });
  /** Whoever has connected by now is told of everything. */
  const finish = async (): Promise<void> => {
    await turn();
    do await turn();
    while (unnamed.size > 0);
    for (let line = waiting.get(next); line !== undefined; line = waiting.get(next)) {
      next += 1;
      process(line);
    }
  };
  onTestFinished(() => {
    for (const { socket } of users.values()) socket.destroy();
    sources.close();
    listeners.close();
  });
  return { sourcePort: await listen(sources), userPort: await listen(listeners) };
}

function isEvent(line: string): boolean {
  const names = line.split("|").slice(2);
  return (
    /^\d+\|(B|S\|[^|]+|[FUP]\|[^|]+\|[^|]+)$/.test(line) &&
    names.every((name) => Buffer.byteLength(name) <= 256 && !name.includes("\t"))
  );
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
