/** What tests of every view look at. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { faintTexts, unnamedControls } from "./opened-page.ts";

const DEADLINE_MS = 15_000;
const WIDE = { width: 1200, height: 820 };
const NARROW = { width: 360, height: 780 };

export async function eventually<T>(read: () => Promise<T>, expected: T): Promise<void> {
  await expect.poll(read, { timeout: DEADLINE_MS, interval: 20 }).toEqual(expected);
}

export async function partText(page: Page, part: string): Promise<string> {
  return (await page.locator(`[data-part="${part}"]`).textContent()) ?? "";
}

/** Presses Tab until `selector` has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

/** Where screenshots go, if `WEIR_SCREENSHOTS` asks for them. */
export function screenshotFolder(name: string): string | undefined {
  if (process.env["WEIR_SCREENSHOTS"] === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "weir-shots-"));
  console.log(`screenshots (${name}) in ${folder}`);
  return folder;
}

/** Wide and narrow: every text has contrast, every control a name, and nothing sticks out. Leaves the page wide. */
export async function expectForEveryone(page: Page, name: string, shots: string | undefined): Promise<void> {
  for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    await page.setViewportSize(viewport);
    expect(await faintTexts(page)).toEqual([]);
    expect(await unnamedControls(page)).toEqual([]);
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${size}.png`), fullPage: true });
    expect(await excessPx(page)).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize(WIDE);
}

/** How much wider than the window the page is. */
export async function excessPx(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}
