/** The token that the page uses: kept for this tab alone, never in the address, and gone when the tab is. */

const KEY = "weir-token";

/** Where the browser is told to keep nothing. */
let unkept: string | undefined;

export function readTabToken(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return unkept;
  }
}

/** @param token `undefined` forgets it */
export function writeTabToken(token: string | undefined): void {
  unkept = token;
  try {
    if (token === undefined) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // It is kept by this page as long as that is open.
  }
}
