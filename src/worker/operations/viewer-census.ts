/**
 * How many viewers the objects of this isolate have. Each object reports its own numbers; they stay true while it hibernates,
 * for its sockets do, and it wakes when one of them closes. An object without viewers is not kept.
 */
export interface Viewers {
  readonly sockets: number;
  readonly streams: number;
}

class ViewerCensus {
  readonly #objects = new Map<string, Viewers>();

  /** @param object its id */
  report(object: string, viewers: Viewers): void {
    if (viewers.sockets + viewers.streams === 0) this.#objects.delete(object);
    else this.#objects.set(object, viewers);
  }

  /** Sockets, then streams. */
  total(): readonly [number, number] {
    let [sockets, streams] = [0, 0];
    for (const viewers of this.#objects.values()) {
      sockets += viewers.sockets;
      streams += viewers.streams;
    }
    return [sockets, streams];
  }
}

export const viewerCensus = new ViewerCensus();
