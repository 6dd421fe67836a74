/** The lines of an import, as each schema takes them. */
import { describe, test } from "vitest";
import { ItemImportSchema } from "../../src/protocol/item-transfer.ts";
import { accepts } from "./cases.ts";

const header = { weir: "export", version: 1, feature: "items", name: "a", id: "0123456789abcdef", count: 1 };

describe("the lines of an import", () => {
  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", ""])(
    "[X4] of a kind that is none, as %j, are taken for records",
    (weir) => {
      const record = { id: "a", at: 1 };
      accepts(ItemImportSchema, [header, { ...record, weir }], { header, records: [record], end: undefined });
    },
  );
});
