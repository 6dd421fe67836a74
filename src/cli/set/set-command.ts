/** `weir set get|add|remove|watch`: one set, from a terminal. */
import { once } from "node:events";
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { WeirClient } from "../../client/index.ts";
import type { ConnectionStateKind, SetFrame, SetHandle } from "../../client/index.ts";
import { isRefusal } from "../../core/sets/decide.ts";
import type { Op } from "../../core/sets/lww.ts";
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

/** What the server did not accept ends with code 1; what was superseded is accepted. */
function writeCommand(op: Op, description: string) {
  return defineCommand({
    meta: { description },
    args: elementArguments,
    async run({ args }) {
      const { verdicts, size } = await openSet(args, elementArguments).apply([{ op, element: args.element }]);
      console.log(`${verdicts[0]}; the set has ${size} ${size === 1 ? "member" : "members"}.`);
      if (verdicts.some(isRefusal)) process.exitCode = 1;
    },
  });
}

const watchCommand = defineCommand({
  meta: { description: "Print every change as it happens, until Ctrl-C, or nobody reads any more" },
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
      // The console hides that a pipe has no reader.
      await Promise.race([once(process, "SIGINT"), once(process.stdout, "error"), refused.promise]);
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
  subCommands: {
    get: getCommand,
    add: writeCommand("add", "Add an element"),
    remove: writeCommand("remove", "Remove an element"),
    watch: watchCommand,
  },
});
