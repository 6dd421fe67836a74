/**
 * `npm run weir -- ...`: the commands. Exit codes are 0 for what went well, 1 for what did not, and 2 for arguments that
 * make no sense.
 */
import { stripVTControlCharacters } from "node:util";
import { defineCommand, renderUsage, runCommand } from "citty";
import type { CommandDef } from "citty";
import { ArgumentError } from "./arguments.ts";
import { gatewayCommand } from "./gateway/gateway-command.ts";
import { loadCommand } from "./load/load-command.ts";
import { mazeCommand } from "./maze/maze-command.ts";
import { monkeyCommand } from "./monkey/monkey-command.ts";
import { setCommand } from "./set/set-command.ts";
import { smokeCommand } from "./smoke/smoke-command.ts";
import { tokenCommand } from "./token/token-command.ts";
import { exportCommand } from "./transfer/export-command.ts";
import { importCommand } from "./transfer/import-command.ts";

const weirCommand = defineCommand({
  meta: { name: "weir", description: "Exact, live, durable answers at the edge out of messy streams" },
  subCommands: {
    export: exportCommand,
    gateway: gatewayCommand,
    import: importCommand,
    load: loadCommand,
    maze: mazeCommand,
    monkey: monkeyCommand,
    set: setCommand,
    smoke: smokeCommand,
    token: tokenCommand,
  },
});

const EXIT_FAILED = 1;
const EXIT_BAD_ARGUMENTS = 2;

interface Found {
  readonly command: CommandDef;
  /** How it is called in full. */
  readonly name: string;
  /** A word where the name of a command has to be, and that is none. */
  readonly unknown: string | undefined;
}

/** The command that `words` name. */
function findCommand(words: readonly string[]): Found {
  let command: CommandDef = weirCommand;
  let name = "weir";
  for (const word of words) {
    const { subCommands } = command;
    if (subCommands === undefined || word.startsWith("-")) break;
    if (!Object.hasOwn(subCommands, word)) return { command, name, unknown: word };
    command = (subCommands as Readonly<Record<string, CommandDef>>)[word] ?? command;
    name += ` ${word}`;
  }
  return { command, name, unknown: undefined };
}

/** Only a terminal shows colours. */
function forOutput(text: string, { isTTY }: { readonly isTTY: boolean }): string {
  return isTTY ? text : stripVTControlCharacters(text);
}

async function main(words: readonly string[]): Promise<void> {
  const { command, name, unknown } = findCommand(words);
  try {
    if (unknown !== undefined) throw new ArgumentError(`Unknown command ${unknown}.`);
    if (words.length === 0 || words.includes("--help") || words.includes("-h")) {
      const meta = await (typeof command.meta === "function" ? command.meta() : command.meta);
      console.log(forOutput(await renderUsage({ ...command, meta: { ...meta, name } }), process.stdout));
      return;
    }
    await runCommand(weirCommand, { rawArgs: [...words] });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const badArguments = error instanceof ArgumentError || error.name === "CLIError";
    const help = ["npm run weir --", ...name.split(" ").slice(1), "--help"].join(" ");
    const sentence = badArguments ? `${error.message.replace(/(?<![.!?])$/, ".")} See ${help}` : error.message;
    console.error(forOutput(sentence, process.stderr));
    process.exitCode = badArguments ? EXIT_BAD_ARGUMENTS : EXIT_FAILED;
  }
}

await main(process.argv.slice(2));
// Sockets that are still saying goodbye keep nobody waiting.
process.exit();
