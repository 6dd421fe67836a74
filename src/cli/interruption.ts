/** Ctrl-C on a run that is judged in the end: the first ends what it does, the second everything. */

const EXIT_INTERRUPTED = 130;

/** Aborted by the first. */
export function interruption(): AbortSignal {
  const interrupt = new AbortController();
  process.on("SIGINT", () => (interrupt.signal.aborted ? process.exit(EXIT_INTERRUPTED) : interrupt.abort()));
  return interrupt.signal;
}
