/**
 * What the edge has decided about a viewer, told to the object in a header. The edge writes the header on each request
 * that it passes on, so a client's own has no effect; a request without it has no rights.
 */
export interface ViewerRights {
  /** Whether its `write` frames are carried out. */
  readonly mayWrite: boolean;
}

const HEADER = "Weir-Viewer";
const WRITER = "writes";

export function withViewerRights(request: Request, { mayWrite }: ViewerRights): Request {
  const headers = new Headers(request.headers);
  headers.set(HEADER, mayWrite ? WRITER : "reads");
  return new Request(request, { headers });
}

export function viewerRights(request: Request): ViewerRights {
  return { mayWrite: request.headers.get(HEADER) === WRITER };
}
