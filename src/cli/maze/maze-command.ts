/** `weir maze`: sends users through a maze of events, and checks that each got its lines and nothing else. */
import { defineCommand } from "citty";
import { interruption } from "../interruption.ts";
import { showProgress } from "../progress.ts";
import { mazeArguments, parseMazeOptions } from "./maze-options.ts";
import type { MazeOptions } from "./maze-options.ts";
import { MazeRun } from "./maze-run.ts";
import type { MazeStats, WrongListener } from "./maze-run.ts";

/** Listed when something is wrong; more would not tell more. */
const WRONG_SHOWN_MAX = 10;

export const mazeCommand = defineCommand({
  meta: { description: "Test a server of the line protocol: every user's lines, in order, and nothing else" },
  args: mazeArguments,
  async run({ args }) {
    const options = parseMazeOptions(args);
    const interrupted = interruption();
    const maze = new MazeRun(options);
    const startMs = performance.now();
    const endProgress = showProgress({ done: () => maze.done, describe: () => statsText(options, maze.stats) });
    try {
      await maze.run(interrupted);
    } finally {
      endProgress();
    }
    const seconds = (performance.now() - startMs - options.quietMs) / 1000;
    const { stats } = maze;
    const wrong = maze.judge();
    report(options, stats, wrong, seconds);
    process.exitCode = wrong.length === 0 && !interrupted.aborted ? 0 : 1;
  },
});

function report(options: MazeOptions, stats: MazeStats, wrong: readonly WrongListener[], seconds: number): void {
  const { events, seed, json } = options;
  const right = `${stats.connected - wrong.length}/${stats.connected} users right`;
  console.log(`maze: ${statsText(options, stats)}, ${right}, ${seconds.toFixed(2)} s, seed ${seed}`);
  for (const { user, fault } of wrong.slice(0, WRONG_SHOWN_MAX)) console.log(`  wrong: user ${user} ${fault}`);
  if (json) console.log(JSON.stringify({ seed, events, ...stats, wrong, seconds, ok: wrong.length === 0 }));
}

function statsText({ events, batch }: MazeOptions, { batches, lines, connected }: MazeStats): string {
  return `${Math.min(events, batches * batch)} of ${events} events sent, ${lines} lines to ${connected} users`;
}
