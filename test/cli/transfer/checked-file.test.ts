/** Which files are whole, for every way in which one can be cut or altered. */
import { appendFileSync, truncateSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkFile, DamagedFile } from "../../../src/cli/transfer/checked-file.ts";
import { ExportFile } from "../../../src/cli/transfer/export-file.ts";
import { importParts } from "../../../src/cli/transfer/import-parts.ts";
import { fileChunks, lineBlocks, linesOf } from "../../../src/cli/transfer/line-blocks.ts";
import { nodeHash64 } from "../../../src/cli/transfer/node-hash64.ts";
import { transferCalls } from "../../../src/cli/transfer/transfer-calls.ts";
import { formatDigest } from "../../../src/core/sets/digest.ts";
import { addLine } from "../../../src/core/transfer/line-digest.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { temporaryFolder } from "../../support/server.ts";

const ID = "0123456789abcdef";
const HEADER = JSON.stringify({ weir: "export", version: 1, feature: "items", name: "t", id: ID, count: 5 });
const RECORDS = ["a", "é", "\u{1f600}", 'd"', "e"].map((id, at) => JSON.stringify({ id, at }));
const CURSORS = ["one", "two"].map((cursor, at) => JSON.stringify({ weir: "cursor", cursor, done: 0.4 * (at + 1) }));

function endOf(records: readonly string[], id = ID): string {
  const digest = formatDigest(records.reduce((sum, line) => addLine(sum, line, sha256Hash64), 0n));
  return JSON.stringify({
    weir: "end",
    id,
    records: records.length,
    digest,
    state: { count: records.length, missed: 0 },
  });
}

/** Two records, a cursor, two records, a cursor, a record. */
const LINES = [
  HEADER,
  ...RECORDS.slice(0, 2),
  CURSORS[0]!,
  ...RECORDS.slice(2, 4),
  CURSORS[1]!,
  RECORDS[4]!,
  endOf(RECORDS),
];

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

function fileOf(lines: readonly string[]): string {
  const path = join(temporaryFolder(), "t.ndjson");
  writeFileSync(path, bytesOf(lines));
  return path;
}

async function faultOf(path: string): Promise<string> {
  const fault: unknown = await checkFile(path).then(
    () => "none",
    (error: unknown) => error,
  );
  if (!(fault instanceof DamagedFile)) return String(fault);
  return fault.message;
}

describe("a file is checked", () => {
  test("[X7] whole, it is whole", async () => {
    const path = fileOf(LINES);
    const { header, end, sizeBytes } = await checkFile(path);
    expect(header).toMatchObject({ feature: "items", name: "t", count: 5 });
    expect(end).toMatchObject({ records: 5, state: { count: 5 } });
    expect(sizeBytes).toBe(readFileSync(path).length);
  });

  test("[X7] cut at any byte, it is not, and says how to go on", async () => {
    const whole = readFileSync(fileOf(LINES));
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const path = fileOf(LINES);
      truncateSync(path, bytes);
      expect(await faultOf(path), `${bytes} bytes`).toMatch(/was cut after \d records|is empty/);
    }
  });

  test.each([
    ["a record lost", LINES.toSpliced(2, 1), "is damaged"],
    ["a record doubled", LINES.toSpliced(2, 0, LINES[2]!), "is damaged"],
    ["a record altered", LINES.with(2, LINES[2]!.replace("é", "e")), "is damaged"],
    [
      "another export's end",
      [...LINES.slice(0, -1), endOf(RECORDS, "f".repeat(16))],
      "begins with one export and ends with another",
    ],
    ["lines after its end", [...LINES, RECORDS[0]!], "goes on after its end line"],
    ["no header", LINES.slice(1), "does not begin like an export"],
    ["a later version", LINES.with(0, HEADER.replace('"version":1', '"version":2')), "does not begin like an export"],
    ["a line of its own kind", LINES.toSpliced(3, 0, '{"weir":"?"}'), "has a line that makes no sense"],
  ])("[X7] with %s, it is not", async (_, lines, fault) => {
    expect(await faultOf(fileOf(lines))).toContain(fault);
  });

  test("[X7] the digest is the server's", () => {
    for (const line of LINES) expect(nodeHash64(Buffer.from(line))).toBe(sha256Hash64(line));
  });
});

describe("a file of an export that was cut", () => {
  test("[X1] at any byte, it goes on after its last whole page and becomes the same file", async () => {
    const whole = readFileSync(fileOf(LINES));
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      const path = fileOf(LINES);
      truncateSync(path, bytes);
      const file = await ExportFile.open(path, "items", "t");
      const { cursor, isComplete, done } = file.standing;
      expect(isComplete).toBe(bytes === whole.length);
      const at = cursor === undefined ? 0 : CURSORS.indexOf(JSON.stringify({ weir: "cursor", cursor, done })) * 3 + 4;
      if (!isComplete) file.append(bytesOf(LINES.slice(at)));
      file.close();
      expect(readFileSync(path).equals(whole), `${bytes} bytes`).toBe(true);
    }
  });

  test("[X1] a file that is another's is left alone", async () => {
    const path = fileOf(LINES);
    const before = readFileSync(path);
    await expect(ExportFile.open(path, "items", "u")).rejects.toThrow("is no export of items");
    await expect(ExportFile.open(path, "sets", "t")).rejects.toThrow("is no export of sets");
    writeFileSync(`${path}.txt`, "dear diary\n");
    await expect(ExportFile.open(`${path}.txt`, "items", "t")).rejects.toThrow(DamagedFile);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test("[X1] an export that breaks off after any line goes back to its last whole page and goes on from there", async () => {
  const pageEnds = [0, 4, 7, LINES.length];
  for (let lines = 0; lines <= LINES.length; lines++) {
    const path = join(temporaryFolder(), "t.ndjson");
    const file = await ExportFile.open(path, "items", "t");
    for (const line of LINES.slice(0, lines)) file.append(bytesOf([line]));
    file.rewind();
    const page = pageEnds.findLastIndex((end) => end <= lines);
    expect(readFileSync(path).equals(bytesOf(LINES.slice(0, pageEnds[page])))).toBe(true);
    expect(file.standing).toMatchObject({
      cursor: [undefined, "one", "two", undefined][page],
      done: [0, 0.4, 0.8, 1][page],
      isComplete: page === 3,
    });
    if (page < 3) file.append(bytesOf(LINES.slice(pageEnds[page])));
    expect(readFileSync(path).equals(bytesOf(LINES))).toBe(true);
    file.restart();
    expect([readFileSync(path).length, file.standing.cursor]).toEqual([0, undefined]);
    file.close();
  }
});

test("[X7] lines are read whole, however long they are and wherever the reads end", async () => {
  const lengths = [0, 1, 262_143, 262_144, 262_145, 5, 1_000_000, 0, 131_072, 131_071, 3];
  const lines = lengths.map((length, index) => String.fromCharCode(97 + index).repeat(length));
  const path = fileOf(lines);
  appendFileSync(path, "no line");
  const read: string[] = [];
  for await (const block of lineBlocks(fileChunks(path))) {
    for (const line of linesOf(block)) read.push(line.toString());
  }
  expect(read).toEqual(lines);
});

test("[X7] lines are read whole out of chunks of any size", async () => {
  const bytes = bytesOf(LINES);
  for (let size = 1; size <= bytes.length; size++) {
    const read: string[] = [];
    for await (const block of lineBlocks(chunksOf(bytes, size))) {
      for (const line of linesOf(block)) read.push(line.toString());
    }
    expect(read).toEqual(LINES);
  }
});

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

interface Part {
  readonly from: number;
  readonly records: readonly unknown[];
  readonly lines: number;
  readonly bytes: number;
}

/** Parts don't outlive the next, so what is in them is taken out. */
async function partsOf(path: string, skip: number, linesMax = 5_000): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for await (const { from, lines } of importParts(path, skip, linesMax)) {
    const texts = lines.toString().split("\n").slice(0, -1);
    const records = texts.filter((text) => !text.startsWith('{"weir":')).map((text) => JSON.parse(text) as unknown);
    parts.push({ from, records, lines: texts.length, bytes: lines.length });
  }
  return parts;
}

describe("the parts of an import", () => {
  test.each([0, 1, 3, 5])("[X5] after %i records are the others, in order", async (skip) => {
    const parts = await partsOf(fileOf(LINES), skip);
    expect(parts.flatMap(({ records }) => records)).toEqual(
      RECORDS.slice(skip).map((line) => JSON.parse(line) as unknown),
    );
    expect(parts.map(({ from }) => from)).toEqual(skip === 5 ? [] : [skip]);
  });

  test.each([0, 1, 4_999, 5_000, 5_001, 20_000])("[X5] after %i of many are the others, in order", async (skip) => {
    // Long enough for some blocks, with a cursor now and then.
    const many = Array.from({ length: 22_222 }, (_, at) => JSON.stringify({ id: "x".repeat(at % 50), at }));
    const lines = many.flatMap((line, at) => (at % 1_000 === 999 ? [line, CURSORS[0]!] : [line]));
    const parts = await partsOf(fileOf([HEADER, ...lines, endOf(many)]), skip);
    expect(parts.flatMap(({ records }) => records)).toEqual(
      many.slice(skip).map((line) => JSON.parse(line) as unknown),
    );
    let from = skip;
    for (const part of parts) {
      expect(part.from).toBe(from);
      from += part.records.length;
    }
  });

  test.each([1, 2, 3, 4, 100])("[X5] have at most %i lines, if that is what they may have", async (linesMax) => {
    const parts = await partsOf(fileOf(LINES), 0, linesMax);
    expect(parts.flatMap(({ records }) => records)).toEqual(RECORDS.map((line) => JSON.parse(line) as unknown));
    const most = Math.max(...parts.map(({ lines }) => lines));
    expect(most).toBeLessThanOrEqual(linesMax);
    expect(parts.length).toBe({ 1: 5, 2: 3, 3: 3, 4: 2 }[linesMax] ?? 1);
  });

  test("[X5] of a site are as many records as one request may bring, each of which may be another shard", async () => {
    const many = Array.from({ length: 2 * limits.siteImportRecordsMax + 1 }, () => RECORDS[0]!);
    const parts = await partsOf(fileOf([HEADER, ...many, endOf(many)]), 0, transferCalls.analytics.partLinesMax);
    expect(parts.map(({ records }) => records.length)).toEqual([
      limits.siteImportRecordsMax,
      limits.siteImportRecordsMax,
      1,
    ]);
  });

  test("[X5] fit a request, in lines and in bytes", async () => {
    const long = "x".repeat(1_000_000);
    const many = [
      ...Array.from({ length: 5_001 }, () => RECORDS[0]!),
      ...Array.from({ length: 5 }, () => `{"id":"${long}"}`),
    ];
    const parts = await partsOf(fileOf([HEADER, ...many, endOf(many)]), 0);
    expect(parts.map(({ from }) => from)).toEqual([0, 5_000, 5_001, 5_002, 5_003, 5_004, 5_005]);
    expect(Math.max(...parts.map(({ bytes }) => bytes))).toBeLessThan(limits.bodyBytesMax - 60_000);
    // Lines that come in one block all the same.
    const [half, rest] = ["x".repeat(2_000_000), "x".repeat(3_900_000)];
    const block = [half, half, rest, "x"].map((id) => JSON.stringify({ id }));
    const large = await partsOf(fileOf([HEADER, ...block, endOf(block)]), 0);
    expect(large.flatMap(({ records }) => records)).toHaveLength(4);
    expect(Math.max(...large.map(({ bytes }) => bytes))).toBeLessThan(limits.bodyBytesMax - 60_000);
  });
});
