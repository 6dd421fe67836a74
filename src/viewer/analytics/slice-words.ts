/** Slices for a person: from when to when, in the reader's own time zone, as short as the slice allows. */
import { clockTime } from "../clock-time.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** When a slice is: `14:00–15:00`, with the date where that isn't today. */
export function sliceSpan(startMs: number, sliceMs: number, nowMs: number): string {
  const end = instant(startMs + sliceMs, sliceMs, isSameDay(startMs, startMs + sliceMs) ? startMs + sliceMs : nowMs);
  return `${instant(startMs, sliceMs, nowMs)}–${end}`;
}

/** An instant on the chart's axis: the time of day, or the date where the slices are days. */
export function axisWords(ms: number, sliceMs: number): string {
  const at = new Date(ms);
  if (sliceMs < DAY_MS) return clockTime(ms, ms).slice(0, sliceMs < MINUTE_MS ? 8 : 5);
  return at.toLocaleDateString("en", { month: "short", day: "numeric" });
}

/** How long something takes from now on, in its largest unit: `23 min`. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.ceil(hours / 24)} days`;
}

function instant(ms: number, sliceMs: number, nowMs: number): string {
  const words = clockTime(ms, nowMs);
  // Without its seconds, where slices begin at whole minutes; the date has none anyway.
  return sliceMs % MINUTE_MS === 0 && ms % MINUTE_MS === 0 && /^\d\d:/.test(words) ? words.slice(0, 5) : words;
}

function isSameDay(aMs: number, bMs: number): boolean {
  return new Date(aMs).toDateString() === new Date(bMs).toDateString();
}
