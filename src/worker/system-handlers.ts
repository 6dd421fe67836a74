/** Routes of no feature: health, the API's description, the page. */
import pageHtml from "../../dist/viewer/index.html.txt";
import pageScript from "../../dist/viewer/app.js.txt";
import pageStyle from "../../dist/viewer/app.css.txt";
import { openApiDocument } from "../protocol/openapi.ts";
import { refuse, succeed } from "../protocol/problem.ts";
import { API_VERSION } from "../protocol/version.ts";
import type { Handlers } from "./handler.ts";
import { compressionHeaders, jsonResponse } from "./respond.ts";
import type { HeaderRecord } from "./respond.ts";

/** The page runs its own script and nothing else, talks to this server and nobody else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS: HeaderRecord = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  // Whoever opened the page in a window has no hold on it.
  "Cross-Origin-Opener-Policy": "same-origin",
};

const PAGE_FILES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "app.js": { type: "text/javascript", text: pageScript },
  "app.css": { type: "text/css", text: pageStyle },
};

let openApi: object | undefined;

export const systemHandlers: Handlers<"health" | "healthAlias" | "openapi" | "page" | "pageFile"> = {
  health: async ({ request }) => succeed(jsonResponse(request, { status: "ok" })),
  healthAlias: async ({ request }) => succeed(jsonResponse(request, { status: "ok" })),

  openapi: async ({ request }) => {
    openApi ??= openApiDocument(API_VERSION);
    return succeed(jsonResponse(request, openApi));
  },

  page: async ({ request }) => succeed(pageText(request, "text/html", pageHtml, PAGE_HEADERS)),

  pageFile: async ({ request, params }) => {
    const file = Object.hasOwn(PAGE_FILES, params.file) ? PAGE_FILES[params.file] : undefined;
    if (file === undefined) return refuse("not_found", "The page has no such file.");
    return succeed(pageText(request, file.type, file.text));
  },
};

function pageText(request: Request, type: string, text: string, more: HeaderRecord = {}): Response {
  return new Response(text, {
    headers: {
      "Content-Type": `${type}; charset=utf-8`,
      // The names of the files stay the same from release to release, so they are asked for anew each time.
      "Cache-Control": "no-cache",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      ...compressionHeaders(request),
      ...more,
    },
  });
}
