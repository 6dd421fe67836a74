/**
 * The last slices as steps: over each slice, its total. Drawn by uPlot on a canvas, which nobody can read but by eye; the
 * same numbers stand in the table beside it, and those of the slice under the pointer in the legend.
 */
import UPlot from "uplot";
import { count, roundCount } from "../count-words.ts";
import { part, setText } from "../parts.ts";
import type { SliceTotals } from "./slice-history.ts";
import { axisWords, sliceSpan } from "./slice-words.ts";

const HEIGHT_PX = 240;
const FONT_PX = 12;
/** In the order of the legend; the first is drawn last, on top. Each is told apart by its line too, not by colour alone. */
const SERIES = [
  { key: "users", colour: "--chart-users", width: 2.5, dash: [] },
  { key: "clicks", colour: "--chart-clicks", width: 2, dash: [6, 4] },
  { key: "impressions", colour: "--chart-impressions", width: 1.5, dash: [] },
] as const;
/** Events are whole, so there is no line for half of one. */
const STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

export class SliceChart {
  readonly #root: HTMLElement;
  readonly #legendSlice: HTMLElement;
  readonly #legend: readonly HTMLElement[];
  readonly #resizing: ResizeObserver;
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");
  readonly #recolour = (): void => this.#plot?.redraw(true);
  #plot: UPlot | undefined;
  #slices: readonly SliceTotals[] = [];
  #sliceMs = 0;
  /** The data on the canvas, as JSON. */
  #drawn = "";

  constructor(root: ParentNode & Element) {
    this.#root = part(root, "chart", HTMLElement);
    this.#legendSlice = part(root, "legend-slice", HTMLElement);
    this.#legend = SERIES.map(({ key }) => part(root, `legend-${key}`, HTMLElement));
    this.#resizing = new ResizeObserver(() => this.#fit());
    this.#resizing.observe(this.#root);
    this.#dark.addEventListener("change", this.#recolour);
  }

  destroy(): void {
    this.#resizing.disconnect();
    this.#dark.removeEventListener("change", this.#recolour);
    this.#plot?.destroy();
  }

  draw(slices: readonly SliceTotals[], sliceMs: number): void {
    this.#slices = slices;
    this.#sliceMs = sliceMs;
    const data = this.#data();
    const drawn = JSON.stringify(data);
    if (this.#plot === undefined && this.#root.clientWidth > 0) this.#plot = this.#makePlot(data);
    else if (drawn !== this.#drawn) this.#plot?.setData(data);
    this.#drawn = drawn;
    this.#drawLegend();
  }

  #fit(): void {
    const width = this.#root.clientWidth;
    if (width === 0 || this.#slices.length === 0) return;
    if (this.#plot === undefined) this.draw(this.#slices, this.#sliceMs);
    else this.#plot.setSize({ width, height: HEIGHT_PX });
  }

  /** Seconds, and one point more than slices, for the last of them has an end too. */
  #data(): UPlot.AlignedData {
    const startsMs = this.#slices.map(({ startMs }) => startMs);
    const endMs = (startsMs.at(-1) ?? 0) + this.#sliceMs;
    const columns = SERIES.toReversed().map(({ key }) => {
      const values = this.#slices.map((slice) => slice[key]);
      return [...values, values.at(-1) ?? 0];
    });
    return [[...startsMs, endMs].map((ms) => ms / 1000), ...columns];
  }

  #makePlot(data: UPlot.AlignedData): UPlot {
    const colour = (name: string): string => getComputedStyle(this.#root).getPropertyValue(name);
    const axis = {
      stroke: () => colour("--ink-faint"),
      grid: { stroke: () => colour("--line"), width: 1 },
      ticks: { show: false },
      font: `${FONT_PX}px ${getComputedStyle(this.#root).fontFamily}`,
    };
    const stepped = UPlot.paths.stepped?.({ align: 1 });
    return new UPlot(
      {
        width: this.#root.clientWidth,
        height: HEIGHT_PX,
        padding: [12, 12, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        scales: { y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.08)] } },
        axes: [
          {
            ...axis,
            size: 32,
            space: 72,
            values: (_, splits) => splits.map((at) => axisWords(at * 1000, this.#sliceMs)),
          },
          { ...axis, size: 52, incrs: STEPS, values: (_, splits) => splits.map(roundCount) },
        ],
        series: [
          {},
          ...SERIES.toReversed().map(({ key, colour: name, width, dash }) => ({
            label: key,
            stroke: () => colour(name),
            ...(key === "impressions" && { fill: () => colour("--chart-fill") }),
            width,
            dash: [...dash],
            points: { show: false },
            ...(stepped !== undefined && { paths: stepped }),
          })),
        ],
        hooks: { setCursor: [() => this.#drawLegend()] },
      },
      data,
      this.#root,
    );
  }

  /** Of the slice under the pointer, else of the last. */
  #drawLegend(): void {
    const left = this.#plot?.cursor.left ?? -1;
    const pointedMs = left < 0 ? undefined : (this.#plot?.posToVal(left, "x") ?? 0) * 1000;
    const slice = this.#slices.findLast(({ startMs }) => pointedMs === undefined || startMs <= pointedMs);
    if (slice === undefined) return;
    setText(this.#legendSlice, sliceSpan(slice.startMs, this.#sliceMs, Date.now()));
    for (const [index, { key }] of SERIES.entries()) {
      const value = this.#legend[index];
      if (value !== undefined) setText(value, count(slice[key]));
    }
  }
}
