/** Names the life of a thing: 64 random bits, so that no two lives of one name meet under the same epoch. */
export function newEpoch(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
