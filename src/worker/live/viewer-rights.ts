/**
 * What the edge has decided about a viewer, told to the object in a header. The edge writes the header on each request
 * that it passes on, so a client's own has no effect; a request without it has no rights.
 */
export interface ViewerRights {
  /** Whether the `write` frames of a viewer are carried out. */
  readonly mayWrite: boolean;
  /** When its token expires, in milliseconds since the Unix epoch; `undefined` without one. */
  readonly expiresMs?: number | undefined;
}

const HEADER = "Weir-Viewer";
const WRITER = "writes";
const PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
/** What a client names beside its token, and the only one that is ever confirmed. */
export const SUBPROTOCOL = "weir";

/** The request as the object gets it: with these rights, and without the token by which they were come by. */
export function withViewerRights(request: Request, { mayWrite, expiresMs }: ViewerRights): Request {
  const headers = new Headers(request.headers);
  headers.set(HEADER, `${mayWrite ? WRITER : "reads"} ${expiresMs ?? ""}`);
  headers.delete("Authorization");
  const protocols = headers.get(PROTOCOL_HEADER);
  if (protocols !== null) {
    const offered = protocols.split(",").some((name) => name.trim() === SUBPROTOCOL);
    if (offered) headers.set(PROTOCOL_HEADER, SUBPROTOCOL);
    else headers.delete(PROTOCOL_HEADER);
  }
  return new Request(request, { headers });
}

export function viewerRights(request: Request): ViewerRights {
  const [rights, expiresMs = ""] = (request.headers.get(HEADER) ?? "").split(" ");
  return { mayWrite: rights === WRITER, ...(expiresMs !== "" && { expiresMs: Number(expiresMs) }) };
}

/** A client that names subprotocols needs one of them confirmed; the others carry its token. */
export function confirmedProtocol(request: Request): Readonly<Record<string, string>> {
  const isNamed = request.headers.get(PROTOCOL_HEADER) === SUBPROTOCOL;
  return isNamed ? { [PROTOCOL_HEADER]: SUBPROTOCOL } : {};
}
