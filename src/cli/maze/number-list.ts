/** A list of whole numbers below 2^32 that takes four bytes for each: there are millions of them. */
export class NumberList {
  #numbers = new Uint32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const longer = new Uint32Array(this.#length * 2);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#length] = number;
    this.#length += 1;
  }

  /** @param position from 0 to less than {@link length} */
  at(position: number): number {
    return this.#numbers[position] ?? 0;
  }

  toArray(): readonly number[] {
    return [...this.#numbers.subarray(0, this.#length)];
  }
}
