/** `weir set get|add|remove|watch`: one set, from a terminal. */
import { once } from "node:events";
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { WeirClient } from "../../client/index.ts";
import type { ConnectionStateKind, SetFrame, SetHandle } from "../../client/index.ts";
import { parseSetName, parseUrl, refuseUnknown, serverArguments, tokenFromEnvironment } from "../arguments.ts";

const setArguments = {
  ...serverArguments,
  name: { type: "positional", required: true, description: "The set" },
} as const satisfies ArgsDef;

const elementArguments = {
  ...setArguments,
  element: { type: "positional", required: true, description: "The element" },
} as const satisfies ArgsDef;

function openSet(args: { readonly url: string; readonly name: string }, definitions: ArgsDef): SetHandle {
  refuseUnknown(args, { ...definitions });
  const token = tokenFromEnvironment();
  const client = new WeirClient({ url: parseUrl(args.url), ...(token !== undefined && { token }) });
  return client.set(parseSetName(args.name));
}

const getCommand = defineCommand({
  meta: { description: "Print the members, one a line" },
  args: setArguments,
  async run({ args }) {
    for await (const element of openSet(args, setArguments).members()) console.log(element);
  },
});

const addCommand = defineCommand({
  meta: { description: "Add an element" },
  args: elementArguments,
  async run({ args }) {
    const { verdicts, size } = await openSet(args, elementArguments).add(args.element);
    console.log(`${verdicts[0]}; the set has ${size} members.`);
  },
});

const removeCommand = defineCommand({
  meta: { description: "Remove an element" },
  args: elementArguments,
  async run({ args }) {
    const { verdicts, size } = await openSet(args, elementArguments).remove(args.element);
    console.log(`${verdicts[0]}; the set has ${size} members.`);
  },
});

const watchCommand = defineCommand({
  meta: { description: "Print every change as it happens, until Ctrl-C" },
  args: setArguments,
  async run({ args }) {
    const refused = Promise.withResolvers<never>();
    const connection = openSet(args, setArguments).live({
      onFrame: printFrame,
      onState: (kind) => {
        printState(kind);
        if (connection.refusal !== undefined) refused.reject(connection.refusal);
      },
    });
    connection.connect();
    try {
      await Promise.race([once(process, "SIGINT"), refused.promise]);
    } finally {
      connection.close();
    }
  },
});

function printFrame(frame: SetFrame): void {
  if (frame.type === "reset") console.log("reset");
  if (frame.type !== "changes") return;
  for (const { op, element, timestamp } of frame.changes) {
    console.log(`${new Date(timestamp).toISOString()} ${op === "add" ? "+" : "-"} ${element}`);
  }
}

function printState(kind: ConnectionStateKind): void {
  if (kind === "waiting" || kind === "live") console.error(kind === "live" ? "Up to date." : "Connection lost.");
}

export const setCommand = defineCommand({
  meta: { description: "Look at a set, and change it" },
  subCommands: { get: getCommand, add: addCommand, remove: removeCommand, watch: watchCommand },
});
