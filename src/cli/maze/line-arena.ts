/** All lines of a maze as bytes, one after the other, each with its LF: what users get is compared in place. */
export class LineArena {
  readonly bytes: Buffer;
  /** Where each line begins, and last where all end. */
  readonly starts: Uint32Array;

  /** @param lineAt the line at an index, without its LF */
  constructor(count: number, lineAt: (index: number) => string) {
    const lines = Array.from({ length: count }, (_, index) => `${lineAt(index)}\n`);
    this.bytes = Buffer.from(lines.join(""));
    this.starts = new Uint32Array(count + 1);
    let index = 0;
    for (let end = this.bytes.indexOf(0x0a); end !== -1; end = this.bytes.indexOf(0x0a, end + 1)) {
      index += 1;
      this.starts[index] = end + 1;
    }
  }

  /** With its LF. */
  line(index: number): Buffer {
    return this.bytes.subarray(this.starts[index], this.starts[index + 1]);
  }
}
