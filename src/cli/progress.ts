/** How far a long run is, on stderr: a bar where someone watches, else a line every few seconds. */
import { Presets, SingleBar } from "cli-progress";

const LINE_INTERVAL_MS = 5_000;
const BAR_INTERVAL_MS = 200;

export interface Progress {
  /** From 0 to 1. */
  readonly done: () => number;
  /** What has been done so far. */
  readonly describe: () => string;
}

/** Reports until the answer is called. */
export function showProgress({ done, describe }: Progress): () => void {
  const percentage = () => Math.floor(100 * Math.min(1, done()));
  if (!process.stderr.isTTY) {
    const timer = setInterval(() => console.error(`${percentage()} %: ${describe()}`), LINE_INTERVAL_MS);
    return () => clearInterval(timer);
  }
  const format = "{bar} {percentage}% | {description}";
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  bar.start(100, 0, { description: describe() });
  const timer = setInterval(() => bar.update(percentage(), { description: describe() }), BAR_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}
