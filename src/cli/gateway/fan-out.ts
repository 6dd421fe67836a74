/** From a frame of events to what each connection gets: its lines, in order, in one piece. */

/** Who lines are for. */
export interface LineSink {
  add(line: string): void;
  flush(): void;
}

export interface FannedEvents {
  readonly events: readonly string[];
  /** The connections that get each event; null: all. */
  readonly to: readonly (readonly number[] | null)[];
}

/**
 * @param sinkOf the connection with an id, if it is still there
 * @param all those that get what everyone gets
 */
export function fanOut(
  { events, to }: FannedEvents,
  sinkOf: (id: number) => LineSink | undefined,
  all: Iterable<LineSink> & { readonly size: number },
): void {
  const touched = new Set<LineSink>();
  for (const [index, event] of events.entries()) {
    const line = `${event}\n`;
    const ids = to[index];
    if (ids === null || ids === undefined) {
      for (const sink of all) {
        sink.add(line);
        touched.add(sink);
      }
      continue;
    }
    for (const id of ids) {
      const sink = sinkOf(id);
      if (sink === undefined) continue;
      sink.add(line);
      touched.add(sink);
    }
  }
  for (const sink of touched) sink.flush();
}
