/** Lines of a stream: right, nearly right, and none at all. */
import * as fc from "fast-check";
import { limits } from "../../../src/protocol/limits.ts";
import { broken } from "./hostile-values.ts";

const sequences = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "0",
      "-1",
      "01",
      "1.5",
      "",
      "9007199254740991",
      "9007199254740992",
      "1e3",
      "9".repeat(30),
    ),
  },
);
const users = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b", "c") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "\ud800",
      "é".repeat(128),
      "u".repeat(257),
      "\u0085",
      "__proto__",
      "constructor",
      " ",
    ),
  },
);
const types = fc.constantFrom("F", "U", "B", "P", "S", "F", "U", "B", "P", "S", "f", "X", "", "FF", "é");

const line = fc.tuple(sequences, types, users, users, fc.nat(9)).map(([sequence, type, from, to, fields]) => {
  const usual = type === "B" ? 2 : type === "S" ? 3 : 4;
  return [sequence, type, from, to, "more"].slice(0, fields < 8 ? usual : fields - 5).join("|");
});

const oddLine = fc.constantFrom(
  "",
  "|",
  "||||||",
  "x".repeat(limits.lineBytesMax),
  "x".repeat(limits.lineBytesMax + 1),
  `7|P|a|${"b".repeat(limits.lineBytesMax)}`,
);

const anyLine = fc.oneof({ weight: 6, arbitrary: line }, { weight: 1, arbitrary: oddLine });

export const hostileLines: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyLine, { maxLength: 8 }).map((lines) => lines.join("\n")) },
  { weight: 2, arbitrary: broken(fc.array(anyLine, { maxLength: 8 }).map((lines) => `${lines.join("\r\n")}\r\n`)) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);
