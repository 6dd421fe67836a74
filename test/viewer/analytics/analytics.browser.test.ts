/** A site's analytics on the page, in Chromium, against the real server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { AnalyticsHandle } from "../../../src/client/index.ts";
import { launchBrowser } from "../../support/browser.ts";
import { startServer } from "../../support/server.ts";
import type { TestServer } from "../../support/server.ts";
import { expectNoProblems, expectOnlyLostConnections, openPage } from "../support/opened-page.ts";
import { eventually, expectForEveryone, partText, screenshotFolder, tabTo } from "../support/page-checks.ts";

const HOUR_MS = 3_600_000;
/** Long enough to look at a slice, short enough to see it end. */
const SHORT_SLICE_MS = 4_000;

let browser: Browser;
let server: TestServer;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "weir-analytics-page-"));
  [browser, server] = await Promise.all([launchBrowser(), startServer({ data })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

function analytics(url = server.url): AnalyticsHandle {
  return new WeirClient({ url }).analytics;
}

/** Clicks of so many users, and as many impressions each. */
async function record(site: string, users: number, impressions = 0, timestamp = Date.now(), url = server.url) {
  const events = Array.from({ length: users }, (_, index) => `user ${index}`).flatMap((user) => [
    { user, event: "click", site, timestamp } as const,
    ...Array.from({ length: impressions }, () => ({ user, event: "impression", site, timestamp }) as const),
  ]);
  await analytics(url).record(events);
}

async function figures(page: Page): Promise<string> {
  const texts = await Promise.all(["users", "clicks", "impressions"].map((part) => partText(page, part)));
  return texts.join(" ");
}

/** Lines of the table, the newest first, without the slice's name. */
async function numbers(page: Page): Promise<readonly string[]> {
  const rows = await page.locator('[data-part="slice-rows"] tr').all();
  return Promise.all(rows.map(async (row) => (await row.locator("td").allTextContents()).join(" ")));
}

/** How many pixels of the chart are not transparent. */
async function inkOf(page: Page): Promise<number> {
  return page.locator(".chart canvas").evaluate((canvas: HTMLCanvasElement) => {
    const { data: bytes } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return bytes.filter((value, index) => index % 4 === 3 && value > 200).length;
  });
}

describe("the current slice", () => {
  it("is shown as it grows", async () => {
    const opened = await openPage(browser, `${server.url}/?site=shop`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => figures(page), "0 0 0");
    for (const [users, expected] of [
      [2, "2 2 4"],
      [5, "5 7 14"],
    ] as const) {
      await record("shop", users, 2);
      const recordedMs = performance.now();
      await eventually(() => figures(page), expected);
      // The figure is for the reader; a busy machine may take longer without anything being wrong.
      console.log(`shown ${Math.round(performance.now() - recordedMs)} ms after its acknowledgement`);
    }
    expect(await partText(page, "late")).toBe(", none late");
    expect(await partText(page, "end")).toMatch(/^ends in \d+ (min|s)$/);
    expect(Date.parse((await page.locator('[data-part="as-of"]').getAttribute("datetime"))!)).toBeGreaterThan(0);
    expectNoProblems(opened);
  });

  it("is followed across its end, and the chart with it", async () => {
    const own = await startServer();
    await analytics(own.url).route({ ...(await analytics(own.url).routing()), slice_ms: SHORT_SLICE_MS });
    const opened = await openPage(browser, `${own.url}/?site=quick`);
    const { page } = opened;
    await opened.connectionSays("Live");
    const endsIn = async (): Promise<number> => SHORT_SLICE_MS - (Date.now() % SHORT_SLICE_MS);
    await expect.poll(endsIn, { timeout: 2 * SHORT_SLICE_MS, interval: 10 }).toBeGreaterThan(SHORT_SLICE_MS - 500);
    await record("quick", 3, 0, Date.now(), own.url);
    await eventually(() => figures(page), "3 3 0");
    const span = await partText(page, "span");
    await eventually(() => figures(page), "0 0 0");
    expect(await partText(page, "span")).not.toBe(span);
    await record("quick", 1, 1, Date.now(), own.url);
    await eventually(() => figures(page), "1 1 1");
    await page.getByText("Show the numbers").click();
    await expect.poll(async () => (await numbers(page)).slice(0, 2)).toEqual(["1 1 1", "3 3 0"]);
    expect((await numbers(page)).length).toBe(24);
    expectNoProblems(opened);
  });
});

describe("the last slices", () => {
  it("are drawn, and can be read as a table by keyboard", async () => {
    const now = Date.now();
    await record("past", 4, 1, now - 2 * HOUR_MS);
    await record("past", 7, 0, now - 23 * HOUR_MS);
    await record("past", 9, 0, now - 24 * HOUR_MS);
    const opened = await openPage(browser, `${server.url}/?site=past`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await page.locator(".chart canvas").waitFor();
    await expect.poll(() => inkOf(page)).toBeGreaterThan(500);
    await tabTo(page, "summary");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await numbers(page)).length).toBe(24);
    const rows = await numbers(page);
    expect([rows[0], rows[2], rows[23]]).toEqual(["0 0 0", "4 4 4", "7 7 0"]);
    await record("past", 1, 0);
    await expect.poll(async () => (await numbers(page))[0]).toBe("1 1 0");
    // The legend has the slice under the pointer, and the current one again when it leaves.
    expect(await partText(page, "legend-clicks")).toBe("1");
    const chart = (await page.locator(".u-over").boundingBox())!;
    await page.mouse.move(chart.x + chart.width * (21.5 / 24), chart.y + 50);
    await eventually(() => partText(page, "legend-impressions"), "4");
    await page.mouse.move(chart.x + chart.width / 2, chart.y - 200);
    await eventually(() => partText(page, "legend-clicks"), "1");
    expectNoProblems(opened);
  });

  it("take the palette that is asked for", async () => {
    await record("palette", 5, 5);
    const opened = await openPage(browser, `${server.url}/?site=palette`);
    const { page } = opened;
    await page.locator(".chart canvas").waitFor();
    const pixels = (): Promise<string> =>
      page.locator(".chart canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    await expect.poll(() => inkOf(page)).toBeGreaterThan(500);
    const light = await pixels();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(pixels).not.toBe(light);
    const dark = await pixels();
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(pixels).not.toBe(dark);
    expectNoProblems(opened);
  });
});

describe("an event", () => {
  it("is recorded by keyboard, and its user counts once", async () => {
    const opened = await openPage(browser, `${server.url}/?site=été 2`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await page.getByText("Nothing happened on this site").waitFor();
    await tabTo(page, "#event-user");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The name of a user must not be empty.").waitFor();
    await page.keyboard.type("ada");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("click of “ada” recorded").waitFor();
    await eventually(() => figures(page), "1 1 0");
    await page.getByRole("radio", { name: "Impression" }).check();
    await tabTo(page, "#event-user");
    await page.keyboard.press("Enter");
    await eventually(() => figures(page), "1 1 1");
    await page.locator(".chart canvas").waitFor();
    expect(await analytics().slice(Date.now(), "été 2")).toMatchObject({ unique_users: 1, clicks: 1, impressions: 1 });
    expectNoProblems(opened);
  });
});

it("recovers when the server is killed, with what was recorded meanwhile", async () => {
  const own = await startServer();
  await record("default", 2, 0, Date.now(), own.url);
  const opened = await openPage(browser, `${own.url}/?site=default`);
  const { page } = opened;
  await eventually(() => figures(page), "2 2 0");
  await own.kill("SIGKILL");
  await opened.connectionSays("Reconnecting");
  expect(await figures(page)).toBe("2 2 0");
  await page.getByLabel("User").fill("without a server");
  await page.keyboard.press("Enter");
  await own.restart();
  await record("default", 3, 0, Date.now(), own.url);
  await eventually(() => figures(page), "4 6 0");
  await opened.connectionSays("Live");
  expectOnlyLostConnections(opened);
});

describe("for everyone", () => {
  it.each(["light", "dark"] as const)("can be read, named and fits a narrow screen: %s", async (colorScheme) => {
    const shots = screenshotFolder(colorScheme);
    const site = `look ${colorScheme} ${"long ".repeat(20)}`;
    const now = Date.now();
    for (let hour = 0; hour < 24; hour++) {
      const users = Math.round(30 + 25 * Math.sin(hour / 3.8));
      await record(site, users, 2 + (hour % 2), now - hour * HOUR_MS);
      await record(site, Math.round(users / 2), 0, now - hour * HOUR_MS);
    }
    const query = new URLSearchParams({ site });
    const opened = await openPage(browser, `${server.url}/?${query}`, { colorScheme, reducedMotion: "reduce" });
    const { page } = opened;
    await opened.connectionSays("Live");
    await page.locator(".chart canvas").waitFor();
    await page.getByLabel("User").fill("ada");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("click of “ada” recorded").waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await expectForEveryone(page, "analytics", shots);
    await page.getByText("Show the numbers").click();
    await expect.poll(async () => (await numbers(page)).length).toBe(24);
    await expectForEveryone(page, "analytics-table", shots);
    await page.goto(`${server.url}/?site=nothing-${colorScheme}`);
    await page.getByText("Nothing happened on this site").waitFor();
    await opened.connectionSays("Live");
    await expectForEveryone(page, "analytics-empty", shots);
    expectNoProblems(opened);
  });

  it("says what happens to those who don't see it, but not all the time", async () => {
    const opened = await openPage(browser, `${server.url}/?site=spoken`);
    await opened.connectionSays("Live");
    await eventually(() => figures(opened.page), "0 0 0");
    await record("spoken", 1);
    await opened.page.locator('[aria-live="polite"]').getByText("1 user, 1 click, 0 impressions").waitFor();
    expectNoProblems(opened);
  });
});
