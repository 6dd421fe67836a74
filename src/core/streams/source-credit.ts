/**
 * How many lines each source may send. What one has leave to send is room that no other is given, so however many
 * sources there are, what they send finds room in the buffer.
 */
import type { Taken } from "./ordered-stream.ts";

/** How a source stands, counted since it connected. */
export interface SourceFigures extends Taken {
  /** How many lines it may have sent in all. */
  readonly limit: number;
}

export const NEW_SOURCE: SourceFigures = { lines: 0, duplicates: 0, deadLetters: 0, limit: 0 };

export class SourceCredit<Source> {
  readonly #sources = new Map<Source, SourceFigures>();

  get size(): number {
    return this.#sources.size;
  }

  keys(): Iterable<Source> {
    return this.#sources.keys();
  }

  open(source: Source, figures: SourceFigures = NEW_SOURCE): void {
    this.#sources.set(source, figures);
  }

  close(source: Source): void {
    this.#sources.delete(source);
  }

  figures(source: Source): SourceFigures | undefined {
    return this.#sources.get(source);
  }

  /** How many lines `source` may send now. */
  credit(source: Source): number {
    const { limit, lines } = this.#sources.get(source) ?? NEW_SOURCE;
    return limit - lines;
  }

  /** Lines of `source` were taken. */
  took(source: Source, { lines, duplicates, deadLetters }: Taken): void {
    const former = this.#sources.get(source);
    if (former === undefined) return;
    this.#sources.set(source, {
      lines: former.lines + lines,
      duplicates: former.duplicates + duplicates,
      deadLetters: former.deadLetters + deadLetters,
      limit: former.limit,
    });
  }

  /**
   * Gives `source` its share of the room that nobody has leave to fill yet. Places that are free have a share too: credit
   * can't be taken back, so one who comes later would wait for those who have all of it and say nothing. However little
   * room there is, someone without credit is given some of it.
   *
   * @param places how many sources there may be
   * @returns whether that was anything
   */
  grant(source: Source, room: number, places: number): boolean {
    const figures = this.#sources.get(source);
    if (figures === undefined) return false;
    let free = room;
    for (const each of this.#sources.keys()) free -= this.credit(each);
    const fair = Math.max(1, Math.floor(room / Math.max(places, this.#sources.size)));
    const share = Math.min(free, fair - this.credit(source));
    if (share <= 0) return false;
    this.#sources.set(source, { ...figures, limit: figures.limit + share });
    return true;
  }
}
