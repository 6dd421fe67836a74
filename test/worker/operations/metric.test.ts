import parsePrometheus from "parse-prometheus-text-format";
import { describe, expect, test } from "vitest";
import { Counter, Gauge, Histogram, labelPair } from "../../../src/worker/operations/metric.ts";

const ISOLATE = labelPair("isolate", "i");

describe("a counter", () => {
  const shape = { name: "things_total", help: "Things.", labels: ["kind"], series: [["a"], ["b"]] };

  test("writes each series that occurred, and no other", () => {
    const counter = new Counter(shape);
    counter.add(1);
    counter.add(1, 2);
    expect(counter.text(ISOLATE)).toBe(
      '# HELP things_total Things.\n# TYPE things_total counter\nthings_total{kind="b",isolate="i"} 3\n',
    );
  });

  test("without labels is written from the beginning", () => {
    const counter = new Counter({ ...shape, labels: [], series: [[]] });
    expect(counter.text(ISOLATE)).toContain('things_total{isolate="i"} 0\n');
  });

  test("keeps odd label values inside their quotes", () => {
    const counter = new Counter({ ...shape, series: [['a"\\\n}']] });
    counter.add(0);
    const [family] = parsePrometheus(counter.text(ISOLATE));
    expect(family?.metrics).toEqual([{ value: "1", labels: { kind: 'a"\\\n}', isolate: "i" } }]);
  });
});

describe("a histogram", () => {
  const shape = { name: "sizes", help: "Sizes.", labels: ["kind"], series: [["a"], ["b"]] };

  test("has each value in the bucket that it ends, and counts cumulatively", () => {
    const histogram = new Histogram(shape, [1, 2, 5]);
    for (const value of [0, 1, 1.5, 2, 5, 5.1, 100]) histogram.observe(0, value);
    expect(histogram.text(ISOLATE)).toBe(`# HELP sizes Sizes.
# TYPE sizes histogram
sizes_bucket{kind="a",le="1",isolate="i"} 2
sizes_bucket{kind="a",le="2",isolate="i"} 4
sizes_bucket{kind="a",le="5",isolate="i"} 5
sizes_bucket{kind="a",le="+Inf",isolate="i"} 7
sizes_sum{kind="a",isolate="i"} 114.6
sizes_count{kind="a",isolate="i"} 7
`);
  });

  test("keeps its series apart", () => {
    const histogram = new Histogram(shape, [1]);
    histogram.observe(0, 9);
    histogram.observe(1, 0);
    expect(histogram.text(ISOLATE)).toContain('sizes_bucket{kind="b",le="1",isolate="i"} 1\n');
    expect(histogram.text(ISOLATE)).toContain('sizes_bucket{kind="a",le="1",isolate="i"} 0\n');
    expect(histogram.text(ISOLATE)).toContain('sizes_sum{kind="a",isolate="i"} 9\n');
  });
});

test("a gauge is read when it is asked for", () => {
  let value = 1;
  const gauge = new Gauge({ name: "level", help: "A level.", labels: [], series: [[]] }, () => [value]);
  value = 2.5;
  expect(gauge.text(ISOLATE)).toBe('# HELP level A level.\n# TYPE level gauge\nlevel{isolate="i"} 2.5\n');
});
