/**
 * Instants for a person: the time of day for today, with the date for other days. In the reader's own time zone; the
 * full instant in UTC is for whoever asks.
 */

export function clockTime(ms: number, nowMs: number): string {
  const instant = new Date(ms);
  const time = [instant.getHours(), instant.getMinutes(), instant.getSeconds()].map(twoDigits).join(":");
  return isSameDay(instant, new Date(nowMs)) ? time : `${day(instant)} ${time.slice(0, 5)}`;
}

/** ISO 8601 in UTC, with milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function day(instant: Date): string {
  return `${instant.getFullYear()}-${twoDigits(instant.getMonth() + 1)}-${twoDigits(instant.getDate())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}
