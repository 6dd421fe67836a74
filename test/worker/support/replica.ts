/**
 * A set as a client holds it that knows the contract and none of our code: takes pages or frames of changes, and
 * computes size and digest from the words of the contract.
 */
import { expect } from "vitest";

export interface Change {
  readonly element: string;
  readonly op: "add" | "remove";
  readonly timestamp: number;
}

export interface ChangesMessage {
  readonly offset: string;
  readonly size: number;
  readonly digest: string;
  readonly changes: readonly Change[];
  readonly more: boolean;
}

export class Replica {
  readonly entries = new Map<string, Change>();
  offset: string | undefined;

  /** Takes a page; the last of a walk must prove that this is the server's state. */
  async take(message: ChangesMessage): Promise<void> {
    for (const change of message.changes) this.entries.set(change.element, change);
    this.offset = message.offset;
    if (message.more) return;
    expect({ size: this.size, digest: await this.digest() }).toEqual({ size: message.size, digest: message.digest });
  }

  reset(): void {
    this.entries.clear();
    this.offset = undefined;
  }

  get members(): readonly string[] {
    return [...this.entries.values()].filter(({ op }) => op === "add").map(({ element }) => element);
  }

  get size(): number {
    return this.members.length;
  }

  digest(): Promise<string> {
    return digestOf([...this.entries.values()]);
  }
}

/** The digest of a set that holds `entries`, tombstones included. */
export async function digestOf(entries: readonly Change[]): Promise<string> {
  let sum = 0n;
  for (const { op, timestamp, element } of entries) {
    const text = new TextEncoder().encode(`${op}\0${timestamp}\0${element}`);
    sum += new DataView(await crypto.subtle.digest("SHA-256", text)).getBigUint64(0);
  }
  return BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
}
