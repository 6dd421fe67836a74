/**
 * Bundles the page into `dist/viewer`, from where the Worker imports it as text. Wrangler runs this before each of its
 * own builds, so whatever serves or deploys the Worker has the current page in it.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const outDir = `${root}dist/viewer/`;

/** @param entry from the project's root */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  return outputFiles.map((file) => file.text).join("");
}

/** Comments and indentation go; a line break stays, since between words it is a space. */
function minifyHtml(html: string): string {
  return html.replace(/<!--[^]*?-->/g, "").replace(/\n\s*/g, "\n");
}

/** Whoever reads the file meanwhile sees the old or the new one, never half of it. */
async function replaceFile(name: string, text: string): Promise<void> {
  const half = `${outDir}.${name}.${process.pid}`;
  await writeFile(half, text);
  await rename(half, `${outDir}${name}`);
}

await mkdir(outDir, { recursive: true });
await Promise.all([
  replaceFile("index.html.txt", minifyHtml(await readFile(`${root}src/viewer/index.html`, "utf8"))),
  replaceFile("app.js.txt", await bundle("src/viewer/index.ts")),
  replaceFile("app.css.txt", await bundle("src/viewer/style.css")),
]);
