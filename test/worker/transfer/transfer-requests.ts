/** How the tests export and import: by the routes, as lines. */
import type { ExportPage, ImportAnswer } from "../../../src/protocol/transfer.ts";
import { answer, request } from "../support/request.ts";

/** All lines, page by page, and what the pages were. */
export async function exportAll(path: string): Promise<{ readonly lines: readonly string[]; readonly pages: number }> {
  const lines: string[] = [];
  let cursor: string | null = "";
  let pages = 0;
  while (cursor !== null) {
    const page: ExportPage = await exportPage(path, cursor === "" ? undefined : cursor);
    lines.push(...page.lines);
    ({ cursor } = page);
    pages += 1;
  }
  return { lines, pages };
}

export function exportPage(path: string, cursor?: string): Promise<ExportPage> {
  return answer<ExportPage>(request("GET", withQuery(path, cursor === undefined ? {} : { cursor })));
}

/** The same as the stream that a person gets. */
export async function exportText(path: string): Promise<string> {
  const response = await request("GET", path, { headers: { Accept: "application/x-ndjson" } });
  return new TextDecoder().decode(await response.arrayBuffer());
}

export function importPart(path: string, lines: readonly string[], from = 0): Promise<Response> {
  return request("POST", withQuery(path, { from: String(from) }), {
    body: lines.join("\n"),
    headers: { "Content-Type": "application/x-ndjson" },
  });
}

export interface Split {
  readonly header: string;
  readonly records: readonly string[];
  readonly end: string;
}

export function split(lines: readonly string[]): Split {
  const records = lines.filter((line) => !line.startsWith('{"weir":'));
  return { header: lines[0]!, records, end: lines.at(-1)! };
}

/** Sends all records in parts of `size`, each part twice, as a client does whose answers get lost; then the end. */
export async function importAll(path: string, lines: readonly string[], size = 4_000): Promise<ImportAnswer> {
  const { header, records, end } = split(lines);
  for (let from = 0; from < records.length; from += size) {
    const part = [header, ...records.slice(from, from + size)];
    await answer(importPart(path, part, from));
    await answer(importPart(path, part, from));
  }
  return answer<ImportAnswer>(importPart(path, [header, end], records.length));
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString();
  if (search === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${search}`;
}
