/**
 * All members as lines of JSON. The first line is the proof of the state at the beginning, each further one
 * `{"element": ...}`.
 *
 * Writes may come between two pages. Whoever wants the exact state applies the changes since the first line's offset
 * on top: a member that was missed, or read too late, is among them.
 */
import { limits } from "../../protocol/limits.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { ElementsAnswer } from "../../protocol/sets.ts";
import { streamPages } from "../page-stream.ts";

type ReadPage = (after: string, limit: number) => Promise<Result<ElementsAnswer>>;

/** @param limit how many members at most; without it, all that follow `after` */
export async function memberLines(
  request: Request,
  readPage: ReadPage,
  after: string,
  limit = Infinity,
): Promise<Result<Response>> {
  let left = limit;
  const read = async (from: string) => {
    const page = await readPage(from, Math.min(left, limits.pageRowsMax));
    if (page.ok) left -= page.value.elements.length;
    return page;
  };
  const first = await read(after);
  if (!first.ok) return first;

  const { elements, cursor, ...proof } = first.value;
  let next = cursor;
  const head = `${JSON.stringify(proof)}\n${toLines(elements)}`;
  const response = streamPages(request, "application/x-ndjson", head, async () => {
    if (next === null || left === 0) return undefined;
    const page = await read(next);
    if (!page.ok) throw new Error(page.problem.detail);
    next = page.value.cursor;
    return toLines(page.value.elements);
  });
  return succeed(response);
}

function toLines(elements: readonly string[]): string {
  return elements.map((element) => `${JSON.stringify({ element })}\n`).join("");
}
