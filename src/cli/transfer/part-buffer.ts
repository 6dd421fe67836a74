/**
 * The bodies of an import's requests, one after the other in one buffer: the header, and the lines of a part. A body is gone when
 * the next one comes, so a long import needs no more memory than its longest part.
 */
export class PartBuffer {
  readonly #headerBytes: number;
  #buffer: Buffer<ArrayBuffer>;

  /** @param header a whole line */
  constructor(header: Buffer) {
    this.#headerBytes = header.length;
    this.#buffer = Buffer.concat([header]);
  }

  /** The header and `lines`, good until the next part. */
  with(lines: Uint8Array): Buffer<ArrayBuffer> {
    const bytes = this.#headerBytes + lines.length;
    if (bytes > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * bytes);
    this.#buffer.set(lines, this.#headerBytes);
    return this.#buffer.subarray(0, bytes);
  }
}
