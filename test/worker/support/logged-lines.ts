/** What the Worker and its objects write to the log while a test runs. They share the test's console. */
import { onTestFinished, vi } from "vitest";

export type LoggedLine = Readonly<Record<string, unknown>>;

export interface LoggedLines {
  all(): readonly LoggedLine[];
  /** Those of one event. */
  of(event: string): readonly LoggedLine[];
}

export function captureLog(): LoggedLines {
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")];
  for (const spy of spies) spy.mockImplementation(() => {});
  onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
  const all = () => spies.flatMap((spy) => spy.mock.calls).map(([text]) => JSON.parse(String(text)) as LoggedLine);
  return { all, of: (event) => all().filter((line) => line["event"] === event) };
}
