/**
 * `weir import`: checks a file, sends it, and says whether what is on the server now is what was exported. Ends with code 0
 * only if it is.
 */
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { WeirClient } from "../../client/index.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import { parseUrl, refuseUnknown, serverArguments, tokenFromEnvironment } from "../arguments.ts";
import { showProgress } from "../progress.ts";
import { checkFile } from "./checked-file.ts";
import type { CheckedFile } from "./checked-file.ts";
import { importParts } from "./import-parts.ts";
import { PartBuffer } from "./part-buffer.ts";
import { sendingFetch } from "./sending-fetch.ts";
import { transferCalls } from "./transfer-calls.ts";
import { withPatience } from "./with-patience.ts";

const importArguments = {
  ...serverArguments,
  file: { type: "positional", required: true, description: "The file of an export" },
  as: { type: "string", description: "Another name than the one it was exported from" },
} as const satisfies ArgsDef;

const NOTHING = Buffer.alloc(0);

export const importCommand = defineCommand({
  meta: { description: "Bring an exported thing to a server; go on where an earlier run was cut" },
  args: importArguments,
  async run({ args }) {
    refuseUnknown(args, importArguments);
    const token = tokenFromEnvironment();
    const client = new WeirClient({
      url: parseUrl(args.url),
      fetch: sendingFetch,
      ...(token !== undefined && { token }),
    });
    const checked = await checkFile(args.file);
    const { feature, name } = checked.header;
    const as = args.as ?? name;
    const { taken, identical } = await runImport(client, args.file, checked, as);
    const what = `${feature} ${JSON.stringify(as)}`;
    if (identical === true) {
      console.log(`imported: ${taken} records; ${what} is what was exported: ${JSON.stringify(checked.end.state)}.`);
      return;
    }
    console.error(`All ${taken} records are in, but ${what} is not what was exported. It was written meanwhile.`);
    process.exitCode = 1;
  },
});

async function runImport(
  client: WeirClient,
  path: string,
  { header, end, sizeBytes }: CheckedFile,
  name: string,
): Promise<ImportAnswer> {
  const { importPart, partLinesMax } = transferCalls[header.feature];
  const part = new PartBuffer(lineOf(header));
  const send = (from: number, lines: Uint8Array) => {
    const body = part.with(lines);
    return withPatience(() => importPart(client, name, from, body));
  };
  let bytes = 0;
  // The header alone is answered with how far an earlier run came.
  let { taken } = await send(0, NOTHING);
  const endProgress = showProgress({
    done: () => bytes / sizeBytes,
    describe: () => `${header.feature} ${name}: ${taken} of ${end.records} records`,
  });
  try {
    for await (const { from, lines, endBytes } of importParts(path, taken, partLinesMax)) {
      ({ taken } = await send(from, lines));
      bytes = endBytes;
    }
    return await send(end.records, lineOf(end));
  } finally {
    endProgress();
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
