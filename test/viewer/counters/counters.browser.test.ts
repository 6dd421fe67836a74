/** Counters on the page, in Chromium, against the real server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { ItemsHandle } from "../../../src/client/index.ts";
import { launchBrowser } from "../../support/browser.ts";
import { startServer } from "../../support/server.ts";
import type { TestServer } from "../../support/server.ts";
import { expectNoProblems, expectOnlyLostConnections, openPage } from "../support/opened-page.ts";
import { eventually, expectForEveryone, partText, screenshotFolder, tabTo } from "../support/page-checks.ts";

let browser: Browser;
let server: TestServer;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "weir-counters-page-"));
  [browser, server] = await Promise.all([launchBrowser(), startServer({ data })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

function items(url = server.url): ItemsHandle {
  return new WeirClient({ url }).items;
}

/** So many items that nobody reported before. */
async function observe(tenant: string, count: number, url = server.url): Promise<void> {
  const name = crypto.randomUUID();
  await items(url).observe(Array.from({ length: count }, (_, index) => ({ id: `${name} ${index}`, tenant })));
}

/** Tenants and counts, as they stand in the table. */
async function table(page: Page): Promise<readonly string[]> {
  const rows = await page.locator(".tenants .row").all();
  return Promise.all(
    rows.map(async (row) => {
      const [tenant, count] = await Promise.all(
        ["tenant", "count"].map((name) => row.locator(`[data-part="${name}"]`).textContent()),
      );
      return `${tenant} ${count}`;
    }),
  );
}

describe("the tenants of a link", () => {
  it("are shown with their counts, the greatest first, as they grow", async () => {
    await Promise.all([observe("a", 3), observe("b", 2)]);
    const opened = await openPage(browser, `${server.url}/?tenants=a,b,c`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => table(page), ["a 3", "b 2", "c 0"]);
    expect(await partText(page, "total")).toBe("5");
    expect(await partText(page, "total-rate")).toBe("0/s");
    await observe("c", 1_200);
    const acknowledgedMs = performance.now();
    await eventually(() => table(page), ["c 1,200", "a 3", "b 2"]);
    // The figure is for the reader; a busy machine may take longer without anything being wrong.
    console.log(`shown ${Math.round(performance.now() - acknowledgedMs)} ms after its acknowledgement`);
    expect(await partText(page, "total")).toBe("1,205");
    await eventually(() => partText(page, "total-rate"), "120/s");
    await items().erase("c");
    await eventually(() => table(page), ["a 3", "b 2", "c 0"]);
    await eventually(() => partText(page, "total-rate"), "0/s");
    expectNoProblems(opened);
  });

  it("are edited in the field that names them, with commas and all", async () => {
    const opened = await openPage(browser, `${server.url}/?tenants=edited`);
    const { page } = opened;
    await opened.connectionSays("Live");
    const field = page.getByLabel("Watch other tenants");
    expect(await field.inputValue()).toBe("edited");
    await field.fill(String.raw`edited, one\, two,edited`);
    await page.keyboard.press("Enter");
    await eventually(() => table(page), ["edited 0", "one, two 0"]);
    expect(new URL(page.url()).search).toBe("?tenants=edited,+one%5C,+two,edited");
    await observe("one, two", 1);
    await eventually(() => table(page), ["one, two 1", "edited 0"]);
    await page.reload();
    await eventually(() => table(page), ["one, two 1", "edited 0"]);
    await field.fill(Array.from({ length: 21 }, (_, index) => `t${index}`).join());
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("At most 20 tenants; these are 21.").waitFor();
    await field.fill(Array.from({ length: 20 }, (_, index) => `t${index}`).join());
    await page.keyboard.press("Enter");
    await eventually(() => page.locator(".tenants .row").count(), 20);
    await opened.connectionSays("Live");
    expectNoProblems(opened);
  });

  it("can be reached from the other features, and left for them", async () => {
    const opened = await openPage(browser, `${server.url}/`);
    const { page } = opened;
    await page.getByRole("link", { name: "Counters" }).click();
    await eventually(() => table(page), ["acme 0", "globex 0"]);
    await page.getByRole("link", { name: "Sets" }).click();
    await page.getByLabel("New element").waitFor();
    await opened.connectionSays("Live");
    expectNoProblems(opened);
  });
});

describe("what the page reports", () => {
  it("is new the first time and a duplicate the second, by keyboard alone", async () => {
    const opened = await openPage(browser, `${server.url}/?tenants=keys,other`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await tabTo(page, "#item-tenant");
    await page.keyboard.press("ArrowDown");
    await tabTo(page, "#item-id");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("An id must not be empty.").waitFor();
    await page.keyboard.type("invoice-1");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“invoice-1” of other: new").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“invoice-1” of other: duplicate").waitFor();
    expect(await page.locator("#item-error").textContent()).toBe("");
    await eventually(() => table(page), ["other 1", "keys 0"]);
    expectNoProblems(opened);
  });

  it("is a bounded load of which half are duplicates", async () => {
    const opened = await openPage(browser, `${server.url}/?tenants=load-1,load-2,load-3`);
    const { page } = opened;
    await opened.connectionSays("Live");
    const button = page.getByRole("button", { name: "Report 1,000 items" });
    await button.focus();
    await page.keyboard.press("Enter");
    // A press too many starts no second one.
    await page.keyboard.press("Enter");
    await page
      .getByRole("listitem")
      .getByText(/1,000 items in .* s: 500 new, 500 duplicates/)
      .waitFor();
    expect(await button.evaluate((each) => document.activeElement === each)).toBe(true);
    await eventually(() => table(page), ["load-1 167", "load-2 167", "load-3 166"]);
    expect(await items().count("load-1")).toBe(167);
    expectNoProblems(opened);
  });

  it("is refused by a server that lets it write nothing, which the page says", async () => {
    const opened = await openPage(browser, `${server.url}/?tenants=refused`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await page.route("**/items?*", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        json: { type: "about:blank", title: "Forbidden", status: 403, code: "forbidden", detail: "Not from here." },
      }),
    );
    await page.getByRole("button", { name: "Report 1,000 items" }).click();
    await page.getByText("This server takes no items from this page.").waitFor();
    expect(await page.getByRole("button", { name: "Report 1,000 items" }).count()).toBe(0);
    await page.getByLabel("Id").fill("x");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Not from here.").waitFor();
    expect(opened.problems.filter((problem) => !problem.includes("403"))).toEqual([]);
  });
});

it("recovers all its connections when the server is killed, and what was counted meanwhile", async () => {
  const own = await startServer();
  const opened = await openPage(browser, `${own.url}/?tenants=a,b,c,d`);
  const { page } = opened;
  await opened.connectionSays("Live");
  await observe("b", 2, own.url);
  await eventually(() => table(page), ["b 2", "a 0", "c 0", "d 0"]);
  await own.kill("SIGKILL");
  await opened.connectionSays("Reconnecting");
  expect(await table(page)).toEqual(["b 2", "a 0", "c 0", "d 0"]);
  await page.getByLabel("Id").fill("without a server");
  await page.keyboard.press("Enter");
  await own.restart();
  await observe("d", 500, own.url);
  await page.getByRole("listitem").getByText("“without a server” of a: new").waitFor();
  await eventually(() => table(page), ["d 500", "b 2", "a 1", "c 0"]);
  await opened.connectionSays("Live");
  expectOnlyLostConnections(opened);
});

describe("for everyone", () => {
  it.each(["light", "dark"] as const)("can be read, named and fits a narrow screen: %s", async (colorScheme) => {
    const shots = screenshotFolder(colorScheme);
    const names = ["look", "long ".repeat(30).trim(), "x".repeat(200), "日本語"];
    await Promise.all([observe("look", 420), observe("日本語", 1_234)]);
    const query = new URLSearchParams({ tenants: names.join() });
    const opened = await openPage(browser, `${server.url}/?${query}`, { colorScheme, reducedMotion: "reduce" });
    const { page } = opened;
    await opened.connectionSays("Live");
    await observe("look", 30);
    await page
      .getByRole("row")
      .getByText(/^\d+\.\d\/s$/)
      .waitFor();
    await page.getByRole("button", { name: "Report 1,000 items" }).click();
    await page.getByRole("listitem").getByText("1,000 items").waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await expectForEveryone(page, "counters", shots);
    await page.goto(`${server.url}/?tenants=nobody-${colorScheme},nothing`);
    await page.getByText("Nothing was counted for them yet.").waitFor();
    await opened.connectionSays("Live");
    await expectForEveryone(page, "counters-empty", shots);
    expectNoProblems(opened);
  });

  it("says what happens to those who don't see it, but not all the time", async () => {
    const opened = await openPage(browser, `${server.url}/?tenants=spoken,unspoken`);
    await opened.connectionSays("Live");
    await eventually(() => table(opened.page), ["spoken 0", "unspoken 0"]);
    await observe("spoken", 1);
    const region = opened.page.locator('[aria-live="polite"]');
    await region.getByText("spoken has 1 item").waitFor();
    await observe("spoken", 10);
    await observe("spoken", 10);
    await region.getByText("spoken has 21 items").waitFor();
    expectNoProblems(opened);
  });
});
