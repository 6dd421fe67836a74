/** How a load is sent, whatever it is made of. */
import { parseNumber } from "../arguments.ts";

export interface SendingOptions {
  /** The share of requests whose connection is cut before the answer is read. */
  readonly cut: number;
  /** Entries in a request. */
  readonly batch: number;
  /** Requests under way at the same time, each on connections of its own. */
  readonly senders: number;
  readonly seed: number;
  readonly json: boolean;
}

interface SendingArguments {
  readonly cut: string;
  readonly batch: string;
  readonly senders: string;
  readonly seed?: string | undefined;
  readonly json: boolean;
}

const SEED_MAX = 2 ** 32 - 1;

export function parseSendingOptions({ cut, batch, senders, seed, json }: SendingArguments): SendingOptions {
  const chosenSeed = seed ?? String(Math.floor(Math.random() * SEED_MAX));
  return {
    cut: parseNumber("cut", cut, { min: 0, max: 0.9, whole: false }),
    batch: parseNumber("batch", batch, { min: 1, max: 10_000 }),
    senders: parseNumber("senders", senders, { min: 1, max: 256 }),
    seed: parseNumber("seed", chosenSeed, { min: 0, max: SEED_MAX }),
    json,
  };
}
