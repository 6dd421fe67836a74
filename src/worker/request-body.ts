/**
 * Reads a request's body: bounded while reading, in bytes, in time, and in what all bodies take together; decoded strictly,
 * parsed as JSON or, where the route takes them, as lines of JSON. Whatever is wrong with it comes back as a problem, and
 * nothing of it has been acted on.
 */
import type { RequestBody } from "../protocol/endpoint.ts";
import { limits } from "../protocol/limits.ts";
import { parseJson } from "../protocol/parse-json.ts";
import { parse } from "../protocol/parse.ts";
import { refuse, refuseField, refuseForNow, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";
import { SHORT_BODY_BYTES_MAX } from "./body-budget.ts";
import type { BodyLease } from "./body-budget.ts";
import { unlessLate } from "./unless-late.ts";

/** Which keeps a byte order mark, whatever its option is called. */
const DECODING = { fatal: true, ignoreBOM: true } as const;
/** Before JSON it may be passed over (RFC 8259, section 8.1); to text it belongs, like every other character. */
const BYTE_ORDER_MARK = "\ufeff";
/** What JSON takes for white space, which is less than JavaScript does. */
const BLANK = /^[\t\n\r ]*$/;
/** For whole bodies, which leave no state in it. */
const wholeDecoder = new TextDecoder("utf-8", DECODING);
/** What a refused request may have left to send; past it the connection breaks. */
const DROPPED_BYTES_MAX = 16 * limits.bodyBytesMax;
/** Less than the second that `curl` waits for leave to send a long body. */
const DROPPED_IDLE_MS = 500;
/** However little of it comes each time. */
const DROPPED_MS_MAX = 10_000;
const MS_PER_S = 1_000;

/**
 * Reads the body of `request` as `body` describes it, and checks it.
 *
 * @param lease takes the room that the body needs, and keeps it until whoever made the lease ends it
 */
export async function readBody(
  request: Request,
  body: RequestBody,
  lease: BodyLease,
  deadlineMs: number = limits.bodyMsMax,
): Promise<Result<unknown>> {
  const encoding = request.headers.get("Content-Encoding") ?? "identity";
  if (encoding.trim().toLowerCase() !== "identity") {
    return refuse("unsupported_media_type", `Content-Encoding ${encoding} is not supported; send the body as it is.`);
  }
  const text = await readText(request, lease, deadlineMs);
  if (!text.ok) return text;
  if (body.text === true) return parse(body.schema, text.value);
  const unmarked = text.value.startsWith(BYTE_ORDER_MARK) ? text.value.slice(1) : text.value;
  const json = isNdjson(request) ? parseLines(unmarked, body) : parseValue(unmarked, body);
  if (!json.ok) return json;
  // To a schema an array is an object too, and one without required keys would take it.
  if (Array.isArray(json.value) && isObjectSchema(body)) return refuseField("body", "must be an object");
  return parse(body.schema, json.value);
}

/**
 * Takes what is left of a body that nobody will look at. A server that answers while its client still sends closes the
 * connection under it, and most clients then report that in place of the answer. A body that is far too long, or that
 * stops coming, is not waited for: its client may be waiting for the answer before it sends more.
 */
export async function dropBody(request: Request): Promise<void> {
  if (request.body === null || request.body.locked) return;
  const reader = request.body.getReader();
  const untilMs = Date.now() + DROPPED_MS_MAX;
  try {
    for (let bytes = 0; bytes <= DROPPED_BYTES_MAX && Date.now() <= untilMs;) {
      const chunk = await unlessLate(reader.read(), DROPPED_IDLE_MS, () => undefined);
      if (chunk === undefined || chunk.done) return;
      bytes += chunk.value.byteLength;
    }
  } catch {
    // The client went away, and with it whoever wanted the answer.
  }
}

function isObjectSchema({ schema }: RequestBody): boolean {
  return schema.type === "object" || schema.type === "strict_object";
}

async function readText(request: Request, lease: BodyLease, deadlineMs: number): Promise<Result<string>> {
  const bytes = declaredBytes(request);
  if (bytes !== undefined) {
    if (bytes > limits.bodyBytesMax) return tooLarge();
    if (!lease.take(bytes, bytes > SHORT_BODY_BYTES_MAX)) return noRoom();
  }
  try {
    const read = bytes === undefined ? readStream(request, lease) : readWhole(request);
    const late = () => refuseField("body", `must come to its end within ${deadlineMs / MS_PER_S} s`);
    return await unlessLate(read, deadlineMs, late);
  } catch (error) {
    // Anything but the decoder's error comes from the connection: it was lost, or its chunks made no sense.
    return refuseField("body", error instanceof TypeError ? "must be UTF-8" : "must come to its end");
  }
}

/** `undefined`: nobody knows, and the body takes its room as it comes. */
function declaredBytes(request: Request): number | undefined {
  const declared = request.headers.get("Content-Length");
  return declared !== null && /^\d+$/.test(declared) ? Number(declared) : undefined;
}

/** A body of a known length comes at once; to read it as a stream costs more than all the rest of a small request. */
async function readWhole(request: Request): Promise<Result<string>> {
  const bytes = await request.arrayBuffer();
  return bytes.byteLength > limits.bodyBytesMax ? tooLarge() : succeed(wholeDecoder.decode(bytes));
}

async function readStream(request: Request, lease: BodyLease): Promise<Result<string>> {
  const decoder = new TextDecoder("utf-8", DECODING);
  let text = "";
  let bytes = 0;
  // What is not taken here is taken by `dropBody`, which a cancelled stream would not allow.
  for await (const chunk of request.body?.values({ preventCancel: true }) ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limits.bodyBytesMax) return tooLarge();
    if (!lease.take(chunk.byteLength, true)) return noRoom();
    text += decoder.decode(chunk, { stream: true });
  }
  return succeed(text + decoder.decode());
}

function tooLarge(): Result<never> {
  return refuseField("body", `must be at most ${limits.bodyBytesMax} bytes`, "payload_too_large");
}

function noRoom(): Result<never> {
  return refuseForNow("The bodies of other requests take all the room there is here.");
}

function isNdjson(request: Request): boolean {
  const type = request.headers.get("Content-Type") ?? "";
  return type.split(";", 1)[0]?.trim().toLowerCase() === "application/x-ndjson";
}

function parseValue(text: string, body: RequestBody): Result<unknown> {
  if (BLANK.test(text)) return body.optional === true ? succeed({}) : refuseField("body", "must not be empty");
  const json = (body.parseJson ?? parseJson)(text);
  return json === undefined ? refuseField("body", "must be JSON") : succeed(json);
}

function parseLines(text: string, body: RequestBody): Result<unknown> {
  const { ndjson } = body;
  if (ndjson === undefined) {
    return refuse("unsupported_media_type", "This route takes one JSON value, not application/x-ndjson.");
  }
  const root = ndjson === true ? "" : ndjson;
  const entries: unknown[] = [];
  for (const line of text.split("\n")) {
    if (BLANK.test(line)) continue;
    if (entries.length === limits.batchEntriesMax) {
      return refuseField(
        root === "" ? "body" : root,
        `must hold at most ${limits.batchEntriesMax} entries`,
        "payload_too_large",
      );
    }
    const json = parseJson(line);
    if (json === undefined) return refuseField(`${root}[${entries.length}]`, "must be a line of JSON");
    entries.push(json);
  }
  return succeed(ndjson === true ? entries : { [ndjson]: entries });
}
