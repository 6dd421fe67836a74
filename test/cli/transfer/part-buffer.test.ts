/** What each request of an import brings, out of one buffer that is used again and again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PartBuffer } from "../../../src/cli/transfer/part-buffer.ts";

test("[X5] each part is the header and its own lines, whatever the parts before it were", () => {
  const lines = fc.array(fc.constantFrom("", "a\n", "bc\n", "défgh\n", "x".repeat(40)), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom("", "h\n", "header\n"), lines, (header, parts) => {
      const buffer = new PartBuffer(Buffer.from(header));
      const bodies = parts.map((part) => buffer.with(Buffer.from(part)).toString());
      expect(bodies).toEqual(parts.map((part) => `${header}${part}`));
    }),
  );
});
