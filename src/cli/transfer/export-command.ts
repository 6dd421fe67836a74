/** `weir export`: a set, a tenant's items or a site's slices into a file, and whether the file is whole. */
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { WeirClient, WeirError } from "../../client/index.ts";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import { parseUrl, refuseUnknown, serverArguments, tokenFromEnvironment } from "../arguments.ts";
import { showProgress } from "../progress.ts";
import { checkFile } from "./checked-file.ts";
import { ExportFile } from "./export-file.ts";
import { collected } from "./collected-chunks.ts";
import { lineBlocks } from "./line-blocks.ts";
import { parseFeature, transferCalls } from "./transfer-calls.ts";
import { withPatience } from "./with-patience.ts";

/** A thing that is erased or purged again and again while it is read can't be exported. */
const RESTARTS_MAX = 5;

const exportArguments = {
  ...serverArguments,
  feature: { type: "positional", required: true, description: "sets, items, analytics or streams" },
  name: { type: "positional", required: true, description: "The set, the tenant, the site or the stream" },
  out: { type: "string", description: "The file; <feature>-<name>.ndjson unless given" },
} as const satisfies ArgsDef;

export const exportCommand = defineCommand({
  meta: { description: "Write a thing to a file; go on where an earlier run was cut" },
  args: exportArguments,
  async run({ args }) {
    refuseUnknown(args, exportArguments);
    const feature = parseFeature(args.feature);
    const token = tokenFromEnvironment();
    const client = new WeirClient({ url: parseUrl(args.url), ...(token !== undefined && { token }) });
    const path = args.out ?? `${feature}-${encodeURIComponent(args.name)}.ndjson`;
    const file = await ExportFile.open(path, feature, args.name);
    if (file.standing.isComplete)
      console.error(`${path} is complete already; it is only checked. Delete it to export anew.`);
    else await runExport(client, feature, args.name, file);
    file.close();
    const { end, sizeBytes } = await checkFile(path);
    console.log(
      `exported: ${end.records} records, ${sizeBytes} bytes, ${JSON.stringify(end.state)}; ${path} is whole.`,
    );
    const missed = Number(end.state["missed"] ?? 0);
    if (missed > 0)
      console.log(`Not in it: ${missed} that were counted while the export ran. Run it again when it is quiet.`);
  },
});

async function runExport(client: WeirClient, feature: ExportedFeature, name: string, file: ExportFile): Promise<void> {
  const endProgress = showProgress({
    done: () => file.standing.done,
    describe: () => `${feature} ${name}: ${Math.round(file.sizeBytes / 1024)} KiB`,
  });
  try {
    for (let restarts = 0; !file.standing.isComplete;) {
      try {
        await withPatience(() => goOn(client, feature, name, file));
      } catch (error) {
        if (!(error instanceof WeirError) || error.code !== "offset_gone" || restarts++ === RESTARTS_MAX) throw error;
        file.restart();
      }
    }
  } finally {
    endProgress();
  }
}

/** Takes what comes until it ends or breaks off. Throws if nothing came, in whole pages. */
async function goOn(client: WeirClient, feature: ExportedFeature, name: string, file: ExportFile): Promise<void> {
  const { wholeBytes, cursor } = file.standing;
  try {
    const chunks = transferCalls[feature].exportLines(client, name, cursor);
    for await (const lines of lineBlocks(collected(chunks))) file.append(lines);
    if (file.standing.wholeBytes === wholeBytes) {
      throw new WeirError({ code: "network", detail: "The export came to no end." });
    }
  } catch (error) {
    if (!(error instanceof WeirError) || file.standing.wholeBytes === wholeBytes) throw error;
  } finally {
    file.rewind();
  }
}
