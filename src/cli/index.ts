/**
 * `npm run weir -- ...`: the commands. Exit codes are 0 for what went well, 1 for what did not, and 2 for arguments that
 * make no sense.
 */
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

/** The command that `words` name, and how it is called in full. */
function findCommand(words: readonly string[]): { readonly command: CommandDef; readonly name: string } {
  let command: CommandDef = weirCommand;
  let name = "weir";
  for (const word of words) {
    const found = (command.subCommands as Readonly<Record<string, CommandDef>> | undefined)?.[word];
    if (found === undefined) break;
    command = found;
    name += ` ${word}`;
  }
  return { command, name };
}

async function main(words: readonly string[]): Promise<void> {
  const { command, name } = findCommand(words);
  if (words.length === 0 || words.includes("--help") || words.includes("-h")) {
    const meta = await (typeof command.meta === "function" ? command.meta() : command.meta);
    console.log(await renderUsage({ ...command, meta: { ...meta, name } }));
    return;
  }
  try {
    await runCommand(weirCommand, { rawArgs: [...words] });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const badArguments = error instanceof ArgumentError || error.name === "CLIError";
    console.error(badArguments ? `${error.message} See npm run weir -- ${name.slice(5)} --help` : error.message);
    process.exitCode = badArguments ? EXIT_BAD_ARGUMENTS : EXIT_FAILED;
  }
}

await main(process.argv.slice(2));
// Sockets that are still saying goodbye keep nobody waiting.
process.exit();
