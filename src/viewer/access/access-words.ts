/** Why the server doesn't let the page in, and what to do about it, in words. */
import type { ConnectionStatus } from "../connection-words.ts";

export interface AccessWords {
  readonly title: string;
  readonly why: string;
}

type Refusal = NonNullable<ConnectionStatus["refusal"]>;

/** @param hasToken whether the page came with a token */
export function accessWords({ code, detail }: Refusal, hasToken: boolean): AccessWords {
  if (code === "forbidden" && hasToken) {
    return { title: "This token does not reach here", why: `${detail} Use one that has it.` };
  }
  if (hasToken) return { title: "The token is not accepted", why: `${detail} Use another.` };
  if (code === "forbidden") return { title: "This page is not let in", why: detail };
  return { title: "This server asks for a token", why: "Whoever runs it makes them. Paste yours here." };
}

/** Says in a sentence what is wrong with what was pasted; `undefined` if it may be a token. */
export function refuseToken(text: string): string | undefined {
  if (text === "") return "Paste a token.";
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return undefined;
  return "That is no token: a token is three long words with dots between them, and nothing else.";
}
