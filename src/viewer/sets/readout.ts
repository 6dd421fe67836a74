/** The proof of the state shown: size, digest and offset, and whether the page's own replica has come to the same. */
import { count } from "../count-words.ts";
import { part, setText } from "../parts.ts";
import { digestProfile, groupedDigest } from "./digest-profile.ts";

export type ProofState =
  /** Nothing has been received yet. */
  | "none"
  /** More is on the way, so there is nothing to compare yet. */
  | "waiting"
  /** The digest that this page computed from what it holds is the server's. */
  | "verified"
  /** It was when the connection was lost; what happened since is not known. */
  | "verified-before"
  /** It is not; the replica is getting everything anew. */
  | "differs";

export interface Reading {
  /** As shown, with what is pending. */
  readonly size: number;
  /** Of the server's state, as this page computed it. */
  readonly digest: string;
  readonly offset: string | undefined;
  readonly proof: ProofState;
  /** Operations that the server hasn't acknowledged. */
  readonly pending: number;
}

const PROOF_WORDS: Readonly<Record<ProofState, string>> = {
  none: "Nothing received yet",
  waiting: "Receiving",
  verified: "Verified by this page",
  "verified-before": "Verified at the last contact",
  differs: "Not the server’s; reading again",
};

export class Readout {
  readonly #size: HTMLElement;
  readonly #sizeNote: HTMLElement;
  readonly #digest: HTMLElement;
  readonly #profile: SVGPathElement;
  readonly #proof: HTMLElement;
  readonly #offset: HTMLElement;
  readonly #pending: HTMLElement;
  #drawnDigest = "";

  constructor(root: ParentNode & Element) {
    this.#size = part(root, "size", HTMLElement);
    this.#sizeNote = part(root, "size-note", HTMLElement);
    this.#digest = part(root, "digest", HTMLElement);
    this.#profile = part(root, "profile-path", SVGPathElement);
    this.#proof = part(root, "proof", HTMLElement);
    this.#offset = part(root, "offset", HTMLElement);
    this.#pending = part(root, "pending", HTMLElement);
  }

  draw({ size, digest, offset, proof, pending }: Reading): void {
    const known = proof !== "none";
    setText(this.#size, known || size > 0 ? count(size) : "–");
    setText(this.#sizeNote, size === 1 ? "element" : "elements");
    if (known && digest !== this.#drawnDigest) {
      this.#drawnDigest = digest;
      setText(this.#digest, groupedDigest(digest));
      this.#profile.setAttribute("d", digestProfile(digest));
    }
    setText(this.#proof, PROOF_WORDS[proof]);
    this.#proof.dataset["proof"] = proof;
    setText(this.#offset, offset ?? "–");
    setText(this.#pending, pending === 0 ? "Nothing pending" : `${count(pending)} pending`);
    this.#pending.toggleAttribute("data-some", pending > 0);
  }
}
