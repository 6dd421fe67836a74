/** A client that names subprotocols needs one of them confirmed; the others carry its token. */
export function subprotocol(request: Request): Readonly<Record<string, string>> {
  const named = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  return named.includes("weir") ? { "Sec-WebSocket-Protocol": "weir" } : {};
}
