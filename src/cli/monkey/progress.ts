/** How far a long run is, on stderr: a bar where someone watches, else a line every few seconds. */
import { Presets, SingleBar } from "cli-progress";

const LINE_INTERVAL_MS = 5_000;
const BAR_INTERVAL_MS = 200;

/** Reports until the answer is called. @param describe what has been done so far */
export function showProgress(totalMs: number, describe: () => string): () => void {
  const startMs = performance.now();
  const passedMs = () => Math.min(totalMs, performance.now() - startMs);
  if (!process.stderr.isTTY) {
    const report = () => {
      console.error(`${Math.round(passedMs() / 1000)} of ${Math.round(totalMs / 1000)} s: ${describe()}`);
    };
    const timer = setInterval(report, LINE_INTERVAL_MS);
    return () => clearInterval(timer);
  }
  const format = "{bar} {percentage}% | {description}";
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  bar.start(totalMs, 0, { description: describe() });
  const timer = setInterval(() => bar.update(passedMs(), { description: describe() }), BAR_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}
