/**
 * A long answer, read from an object page by page as the client takes it, so that nobody ever holds the whole.
 * If a page can't be read the stream breaks off, which clients see as a failed download, never as a shorter answer.
 */
import { compressionHeaders } from "./respond.ts";

/**
 * @param first the beginning of the text, already read
 * @param readNext the text that follows; `undefined` at the end. It throws if there should be more but it can't be had.
 */
export function streamPages(
  request: Request,
  contentType: string,
  first: string,
  readNext: () => Promise<string | undefined>,
): Response {
  const encoder = new TextEncoder();
  const pages = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(first));
    },
    async pull(controller) {
      const text = await readNext();
      if (text === undefined) controller.close();
      else controller.enqueue(encoder.encode(text));
    },
  });
  return new Response(pages, {
    headers: { "Content-Type": contentType, "X-Content-Type-Options": "nosniff", ...compressionHeaders(request) },
  });
}
