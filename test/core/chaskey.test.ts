/**
 * Chaskey-12 against published vectors, those of them whose message is whole code units: the bytes 0, 1, 2 and so on.
 * Tags of 64 bits are the author's own, from the reference implementation (https://mouha.be/chaskey/); those of 128 bits
 * are from another implementation (https://github.com/AerialX/chaskey.rs).
 */
import { expect, test } from "vitest";
import { Chaskey } from "../../src/core/chaskey.ts";

const AUTHORS_KEY = Uint32Array.of(0x33221100, 0x77665544, 0xbbaa9988, 0xffeeddcc);
/** Of 0, 2, 4 to 62 bytes. */
const AUTHORS_TAGS = [
  "dd3e1849d6824555 98fe20a343cd666f 4cf04960099949f3 964b0461fbe92273 412d98ed936d4ab2 36f88e1fda86c8ab",
  "7a7912c1999eae81 7905142f3be77e67 d13970d7be9b2350 8a58d816cb7a1483 f9932237ff05e831 8bb55486f38d57ea",
  "7ce3708723f7495f b3933a167e5636ac 65e12df5a695fac8 a850dfbadefa4229 b465c2412610bf84 5a9af91eb095d331",
  "fab8ab0b5beaaec6 6b1e6bc2426dad17 f0f7815ee6f3d516 b0fa1845f72a76d6 da84e11338387da7 178a43d2a008503e",
  "aa047f07c5ae8db4 0832803159750f49 61c285ca245774a4 f5289075c9ab39e5 4b22cf0d9da8de3d d1e17e6ec4a88da6",
  "fd155a40df15f630 be4ee4ed3975df87",
]
  .join(" ")
  .split(" ");

const OTHER_KEY = Uint32Array.of(0x833d3433, 0x009f389f, 0x2398e64f, 0x417acf39);
const OTHER_TAGS: readonly (readonly [bytes: number, tag: string])[] = [
  [0, "43cb1f41 51eba0c2 ff0a8ac3 7ee3f642"],
  [2, "57da70c5 2a873cb0 19ee8b2a 165cd82e"],
  [14, "c133c9c0 55df75b5 0f18f729 99b9837e"],
  [16, "5dd0e2a9 fb5eac8c 633a392e 500c36f3"],
  [18, "0430889e b994dc9c a39d8d46 f0b15fda"],
  [30, "c082b077 8e22ea68 bfd34969 0418d7da"],
  [32, "77962784 07c647fa dd752c0f d2f5a799"],
  [48, "f36e748b 8f34677f 1e00ba1b dd7da46d"],
  [62, "0f40ed0f a69bc80f 8e06f97c 61e89697"],
];

/** The bytes 0, 1, 2 and so on, two in each code unit. */
function counting(bytes: number): string {
  return String.fromCharCode(...Array.from({ length: bytes / 2 }, (_, at) => ((2 * at + 1) << 8) | (2 * at)));
}

function digest(key: Uint32Array, text: string): Uint32Array {
  const hash = new Uint32Array(4);
  new Chaskey(key).digestInto(text, hash);
  return hash;
}

test("has the tags that its author published", () => {
  expect(AUTHORS_TAGS.length).toBe(32);
  for (const [at, tag] of AUTHORS_TAGS.entries()) {
    const hash = digest(AUTHORS_KEY, counting(2 * at));
    expect(Buffer.from(hash.buffer, 0, 8).toString("hex")).toBe(tag);
  }
});

test("has tags of 128 bits that another implementation has", () => {
  for (const [bytes, tag] of OTHER_TAGS) {
    const words = [...digest(OTHER_KEY, counting(bytes))].map((word) => word.toString(16).padStart(8, "0"));
    expect(words.join(" ")).toBe(tag);
  }
});

test("is the same whatever was hashed before, and takes keys of four words only", () => {
  const chaskey = new Chaskey(OTHER_KEY);
  const [first, second] = [new Uint32Array(4), new Uint32Array(4)];
  chaskey.digestInto("a name", first);
  chaskey.digestInto("another name, which is longer", second);
  chaskey.digestInto("a name", second);
  expect(second).toEqual(first);
  for (const words of [3, 5]) expect(() => new Chaskey(new Uint32Array(words))).toThrow("four words");
});
