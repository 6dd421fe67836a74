/**
 * Counters and histograms, written as Prometheus text (exposition format 0.0.4). Every combination of label values that
 * can occur is known when a metric is made, so the values are plain arrays: counting is an addition, and no request can
 * make a new series. Combinations that never occurred are not written.
 *
 * Why not prom-client: it measures a Node process, and looks labels up by hashing them on each count.
 */

/** The values of a metric's labels, in the order of their names. */
export type LabelValues = readonly string[];

/** What all metrics are: a name, what it means, and its series. */
interface MetricShape {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** The label values of each series; one without labels for a metric that has none. */
  readonly series: readonly LabelValues[];
}

export class Counter {
  readonly #shape: MetricShape;
  readonly #counts: Float64Array;

  constructor(shape: MetricShape) {
    this.#shape = shape;
    this.#counts = new Float64Array(shape.series.length);
  }

  /** @param series its index among those that the counter was made with */
  add(series: number, by = 1): void {
    this.#counts[series] = (this.#counts[series] ?? 0) + by;
  }

  /** @param more a label that all series have, already in the text's form */
  text(more: string): string {
    const lines = this.#shape.series.flatMap((values, index) => {
      const count = this.#counts[index] ?? 0;
      return count === 0 && values.length > 0 ? [] : [line(this.#shape.name, this.#shape.labels, values, more, count)];
    });
    return heading(this.#shape, "counter") + lines.join("");
  }
}

export class Histogram {
  readonly #shape: MetricShape;
  readonly #bounds: readonly number[];
  /** For each series, how many were at most each bound and greater than the one before; the last are beyond all bounds. */
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;

  /** @param bounds ascending, each in the bucket it ends */
  constructor(shape: MetricShape, bounds: readonly number[]) {
    this.#shape = shape;
    this.#bounds = bounds;
    this.#counts = new Float64Array(shape.series.length * (bounds.length + 1));
    this.#sums = new Float64Array(shape.series.length);
  }

  observe(series: number, value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? Infinity)) bucket++;
    const at = series * (this.#bounds.length + 1) + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sums[series] = (this.#sums[series] ?? 0) + value;
  }

  text(more: string): string {
    return heading(this.#shape, "histogram") + this.#shape.series.map((_, index) => this.#series(index, more)).join("");
  }

  /** Buckets are written cumulatively. */
  #series(index: number, more: string): string {
    const { name, labels, series } = this.#shape;
    const values = series[index] ?? [];
    const width = this.#bounds.length + 1;
    const counts = this.#counts.subarray(index * width, (index + 1) * width);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0 && values.length > 0) return "";
    let below = 0;
    const buckets = [...this.#bounds.map(String), "+Inf"].map((bound, bucket) => {
      below += counts[bucket] ?? 0;
      return line(`${name}_bucket`, [...labels, "le"], [...values, bound], more, below);
    });
    const sum = line(`${name}_sum`, labels, values, more, this.#sums[index] ?? 0);
    return `${buckets.join("")}${sum}${line(`${name}_count`, labels, values, more, total)}`;
  }
}

/** A figure that is read when it is asked for. */
export class Gauge {
  readonly #shape: MetricShape;
  readonly #read: () => readonly number[];

  /** @param read gives the value of each series */
  constructor(shape: MetricShape, read: () => readonly number[]) {
    this.#shape = shape;
    this.#read = read;
  }

  text(more: string): string {
    const { name, labels, series } = this.#shape;
    const values = this.#read();
    const lines = series.map((each, index) => line(name, labels, each, more, values[index] ?? 0));
    return heading(this.#shape, "gauge") + lines.join("");
  }
}

function heading({ name, help }: MetricShape, type: string): string {
  return `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
}

function line(name: string, labels: readonly string[], values: LabelValues, more: string, value: number): string {
  const pairs = labels.map((label, index) => labelPair(label, values[index] ?? ""));
  return `${name}{${[...pairs, more].join(",")}} ${value}\n`;
}

export function labelPair(label: string, value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `${label}="${escaped}"`;
}
