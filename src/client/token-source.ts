/**
 * The token of a client, which may change while it lives. A function that gives tokens is asked when there is none, when
 * the one it gave is about to expire, and when the server refused it; in between, what it gave is used again.
 */
import { WeirError } from "./weir-error.ts";

/** A JWT, or what gives a fresh one. */
export type TokenOption = string | (() => string | undefined | Promise<string | undefined>);

type Token = string | undefined;

/** A token that has no longer to go is not worth sending. */
const REMAINING_MS_MIN = 5_000;
const MS_PER_S = 1_000;

export class TokenSource {
  readonly #give: () => Token | Promise<Token>;
  readonly #nowMs: () => number;
  /** Whether asking again could give another. */
  readonly #isRenewable: boolean;
  #held: Token;
  #asking: Promise<Token> | undefined;

  constructor(option: TokenOption | undefined, nowMs: () => number) {
    this.#isRenewable = typeof option === "function";
    this.#give = typeof option === "function" ? option : () => option;
    this.#nowMs = nowMs;
  }

  /** The one to send now; at once, where it is known or can be. Rejects with `network` if it can't be had. */
  current(): Token | Promise<Token> {
    if (this.#held !== undefined && !(this.#isRenewable && this.#isOver(this.#held))) return this.#held;
    return this.#asking ?? this.#ask();
  }

  /** The server refused a request with the token `refused`. Whether there is another to try. */
  async renew(refused: Token): Promise<boolean> {
    if (!this.#isRenewable) return false;
    if (this.#held === refused) this.#held = undefined;
    const token = await this.current();
    return token !== undefined && token !== refused;
  }

  #ask(): Token | Promise<Token> {
    let given: Token | Promise<Token>;
    try {
      given = this.#give();
    } catch (cause) {
      return Promise.reject(failed(cause));
    }
    if (!(given instanceof Promise)) return (this.#held = given);
    this.#asking = this.#settle(given).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #settle(given: Promise<Token>): Promise<Token> {
    try {
      return (this.#held = await given);
    } catch (cause) {
      throw failed(cause);
    }
  }

  #isOver(token: string): boolean {
    const expS = expiryS(token);
    return expS !== undefined && expS * MS_PER_S - this.#nowMs() < REMAINING_MS_MIN;
  }
}

function failed(cause: unknown): WeirError {
  return new WeirError({ code: "network", detail: "No token could be had.", cause });
}

/** When a JWT says that it ends. What is no JWT is the server's to judge. */
function expiryS(token: string): number | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload)) as { readonly exp?: unknown };
    return typeof exp === "number" ? exp : undefined;
  } catch {
    return undefined;
  }
}
