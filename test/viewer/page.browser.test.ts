/** The page in Chromium, against the real server: it shows what is there, and what happens, whatever happens. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import type { SetHandle } from "../../src/client/index.ts";
import { launchBrowser } from "../support/browser.ts";
import { startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import {
  expectNoProblems,
  expectOnlyLostConnections,
  faintTexts,
  openPage,
  unnamedControls,
} from "./support/opened-page.ts";
import { eventually, excessPx, partText, screenshotFolder, tabTo } from "./support/page-checks.ts";

let browser: Browser;
let server: TestServer;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "weir-page-"));
  [browser, server] = await Promise.all([launchBrowser(), startServer({ data })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

function set(name: string, url = server.url): SetHandle {
  return new WeirClient({ url }).set(name);
}

async function elements(name: string): Promise<readonly string[]> {
  return (await set(name).elements()).elements;
}

describe("a set on the page", () => {
  it("shows what is added elsewhere, and takes away what is removed", async () => {
    const opened = await openPage(browser, `${server.url}/?set=cart`);
    await opened.connectionSays("Live");
    for (const element of ["milk", "bread", "eggs"]) {
      await set("cart").add(element);
      const addedMs = performance.now();
      await opened.row(element).waitFor();
      // The figure is for the reader; a busy machine may take longer without anything being wrong.
      console.log(`shown ${Math.round(performance.now() - addedMs)} ms after its acknowledgement`);
    }
    await set("cart").remove("bread");
    await opened.row("bread").waitFor({ state: "detached" });
    expect(await opened.row("milk").count()).toBe(1);
    expectNoProblems(opened);
  });

  it("shows the server's size, offset and digest, and that it has computed the same", async () => {
    await set("proof").apply(["a", "b", "c"].map((element) => ({ op: "add", element })));
    const answer = await set("proof").remove("b");
    const opened = await openPage(browser, `${server.url}/?set=proof`);
    await opened.page.getByText("Verified by this page").waitFor();
    expect(await partText(opened.page, "size")).toBe("2");
    expect(await partText(opened.page, "offset")).toBe(answer.offset);
    expect((await partText(opened.page, "digest")).replaceAll(" ", "")).toBe(answer.digest);
    expectNoProblems(opened);
  });

  it("adds and removes, by keyboard alone", async () => {
    const opened = await openPage(browser, `${server.url}/?set=keys`);
    const { page, row } = opened;
    await opened.connectionSays("Live");
    await tabTo(page, "#add-element");
    for (const element of ["one", "two", "three"]) {
      await page.keyboard.type(element);
      await page.keyboard.press("Enter");
      await row(element).waitFor();
    }
    await eventually(() => elements("keys"), ["one", "three", "two"]);

    // Newest first: three, two, one.
    await tabTo(page, ".row");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Delete");
    await row("two").waitFor({ state: "detached" });
    await eventually(() => elements("keys"), ["one", "three"]);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("one");
    await page.keyboard.press("Backspace");
    await row("one").waitFor({ state: "detached" });
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await row("three").waitFor({ state: "detached" });
    await eventually(() => elements("keys"), []);
    // With the last row gone there is a field to go on with.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("add-element");
    expectNoProblems(opened);
  });

  it("moves no row under a pointer that is about to press a button", async () => {
    await set("still").apply(["a", "b"].map((element) => ({ op: "add", element })));
    const opened = await openPage(browser, `${server.url}/?set=still`);
    const { page, row } = opened;
    await row("a").waitFor();
    const button = await page.getByRole("button", { name: "Remove b" }).boundingBox();
    const point = [button!.x + 10, button!.y + 10] as const;
    await page.mouse.move(...point);
    await set("still").add("c");
    for (let moves = 0; (await partText(page, "size")) !== "3"; moves++) {
      await page.mouse.move(point[0] + (moves % 2), point[1]);
    }
    expect(await row("c").count()).toBe(0);
    await page.mouse.down();
    await page.mouse.up();
    await row("c").waitFor();
    await eventually(() => elements("still"), ["a", "c"]);
    expectNoProblems(opened);
  });

  it("takes any text for what it is", async () => {
    const texts = ["<img src=x onerror=alert(1)>", "日本語", "a  b\tc", "👩‍👩‍👧", "\u202eevil", "../..", " "];
    await set("texts").apply(texts.map((element) => ({ op: "add", element })));
    const opened = await openPage(browser, `${server.url}/?set=texts`);
    await expect.poll(() => opened.page.locator(".row").count()).toBe(texts.length);
    const shown = await opened.page.locator('[data-part="element"]').allTextContents();
    expect(shown).toEqual(expect.arrayContaining([texts[0], "日本語", "aSPSPbTABc", "👩‍👩‍👧", "RLOevil", "../..", "SP"]));
    await opened.page.getByRole("button", { name: "Remove ⟨SP⟩" }).last().click();
    await eventually(async () => (await elements("texts")).length, texts.length - 1);
    expectNoProblems(opened);
  });

  it("holds 500 rows of a larger set, and finds the others", async () => {
    const all = Array.from({ length: 2_000 }, (_, index) => `sensor ${String(index).padStart(4, "0")}`);
    await set("large").apply(all.map((element) => ({ op: "add", element })));
    const opened = await openPage(browser, `${server.url}/?set=large`);
    const { page } = opened;
    await page.getByText("showing 500 of 2,000").waitFor();
    expect(await page.locator(".row").count()).toBe(500);
    expect(await page.locator(".row").first().textContent()).toContain("sensor 1999");
    await page.getByRole("radio", { name: "Code point" }).check();
    await page.locator(".row").first().getByText("sensor 0000").waitFor();
    await page.getByLabel("Filter").fill("SENSOR 123");
    await page.getByText("10 of 2,000 match").waitFor();
    expect(await page.locator(".row").count()).toBe(10);
    expectNoProblems(opened);
  });
});

describe("the connection", () => {
  it("is said to be lost when the server is killed, and recovers what was written meanwhile", async () => {
    const own = await startServer();
    const opened = await openPage(browser, `${own.url}/?set=cart`);
    const { page, row } = opened;
    await opened.connectionSays("Live");
    await set("cart", own.url).add("before");
    await row("before").waitFor();

    await own.kill("SIGKILL");
    await opened.connectionSays("Reconnecting");
    await page.getByText("Verified at the last contact").waitFor();
    await page.getByLabel("New element").fill("written without a server");
    await page.keyboard.press("Enter");
    await row("written without a server").getByText("pending").waitFor();
    await page.getByText("1 pending").waitFor();

    await own.restart();
    await set("cart", own.url).add("meanwhile");
    await row("meanwhile").waitFor();
    await opened.connectionSays("Live");
    await page.getByText("Nothing pending").waitFor();
    await page.getByText("Verified by this page").waitFor();
    const { elements: held } = await set("cart", own.url).elements();
    expect(held).toEqual(["before", "meanwhile", "written without a server"]);
    expectOnlyLostConnections(opened);
  });

  it("can be given up by choice, and what was done then outlives a reload", async () => {
    await set("offline").apply(["a", "b"].map((element) => ({ op: "add", element })));
    const opened = await openPage(browser, `${server.url}/?set=offline`);
    const { page, row } = opened;
    await row("a").waitFor();
    await page.getByRole("button", { name: "Work offline" }).click();
    await opened.connectionSays("Offline");
    await page.getByLabel("New element").fill("c");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Remove a" }).click();
    await row("a").getByText("removal pending").waitFor();
    await row("c").getByText("pending", { exact: true }).waitFor();
    expect(await elements("offline")).toEqual(["a", "b"]);

    await page.reload();
    await eventually(() => elements("offline"), ["b", "c"]);
    await row("a").waitFor({ state: "detached" });
    await page.getByText("Nothing pending").waitFor();
    expectNoProblems(opened);
  });

  it("comes back on request, and a press too many does not end it", async () => {
    const opened = await openPage(browser, `${server.url}/?set=request`);
    const { page, row } = opened;
    await opened.connectionSays("Live");
    await page.getByRole("button", { name: "Work offline" }).click();
    await opened.connectionSays("Offline");
    await set("request").add("meanwhile");
    expect(await row("meanwhile").count()).toBe(0);
    // The second press comes the very moment the button has become another.
    await page.getByRole("button", { name: "Reconnect now" }).evaluate((button: HTMLButtonElement) => {
      const presses = new MutationObserver(() => {
        presses.disconnect();
        button.click();
      });
      presses.observe(button, { childList: true });
      button.click();
    });
    await row("meanwhile").waitFor();
    await opened.connectionSays("Live");
    expectNoProblems(opened);
  });
});

describe("the address", () => {
  it("names the set, follows the form, and goes back", async () => {
    await set("default").add("in the default");
    await set("été/2").add("in the other");
    const opened = await openPage(browser, `${server.url}/`);
    const { page, row } = opened;
    await row("in the default").waitFor();
    await page.getByLabel("Open another set").fill("été/2");
    await page.keyboard.press("Enter");
    await row("in the other").waitFor();
    expect(await row("in the default").count()).toBe(0);
    expect(new URL(page.url()).searchParams.get("set")).toBe("été/2");
    expect(await page.title()).toBe("été/2 · Weir");
    await page.reload();
    await row("in the other").waitFor();
    await page.goBack();
    await row("in the default").waitFor();

    // A link within the page leaves everything as it is; one to another place needs no server.
    await page.getByLabel("New element").fill("half typed");
    await page.getByRole("link", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("view");
    expect(await page.getByLabel("New element").inputValue()).toBe("half typed");
    await page.context().setOffline(true);
    await opened.connectionSays("Offline");
    await page.getByRole("link", { name: "Weir" }).click();
    await page.getByText("Nothing has been read yet.").waitFor();
    expectOnlyLostConnections(opened);
  });

  it("refuses what can't be a name, or an element, beside its field", async () => {
    const opened = await openPage(browser, `${server.url}/?set=${"x".repeat(257)}`);
    const { page } = opened;
    await page.getByRole("alert").getByText("The name of a set must be at most 256 bytes of UTF-8.").waitFor();
    expect(await page.getByRole("region", { name: "Connection" }).count()).toBe(0);
    await page.getByLabel("Open another set").fill("x".repeat(256));
    await page.keyboard.press("Enter");
    await opened.connectionSays("Live");
    await page.getByLabel("New element").fill("é".repeat(512) + "x");
    await page.keyboard.press("Enter");
    await page.getByText("An element has at most 1,024 bytes of UTF-8; this one has 1,025.").waitFor();
    expect(await page.getByLabel("New element").getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Enter");
    await page.locator(".row").waitFor();
    expect(await page.locator("#add-error").textContent()).toBe("");
    expectNoProblems(opened);
  });
});

describe("for everyone", () => {
  it.each(["light", "dark"] as const)("can be read, named and fits a narrow screen: %s", async (colorScheme) => {
    const shots = screenshotFolder(colorScheme);
    await set("look").apply(["milk", "long ".repeat(60), "x".repeat(300)].map((element) => ({ op: "add", element })));
    const opened = await openPage(browser, `${server.url}/?set=look`, { colorScheme, reducedMotion: "reduce" });
    const { page, row } = opened;
    const check = async (name: string): Promise<void> => {
      expect(await faintTexts(page)).toEqual([]);
      expect(await unnamedControls(page)).toEqual([]);
      if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    };
    await row("milk").waitFor();
    await opened.connectionSays("Live");
    await set("look").add("tea");
    await row("tea").waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await check("live");

    await page.setViewportSize({ width: 360, height: 780 });
    await page.getByRole("button", { name: "Work offline" }).click();
    await page.getByRole("button", { name: "Remove milk" }).click();
    await row("milk").getByText("removal pending").waitFor();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("An element must not be empty.").waitFor();
    expect(await excessPx(page)).toBeLessThanOrEqual(0);
    await check("offline-narrow");
    expectNoProblems(opened);
  });

  it("says what happens to those who don't see it", async () => {
    const opened = await openPage(browser, `${server.url}/?set=spoken`);
    await opened.connectionSays("Live");
    await set("spoken").add("milk");
    await opened.page.locator('[aria-live="polite"]').getByText("Added “milk”").waitFor();
    await set("spoken").apply(["a", "b", "c", "d"].map((element) => ({ op: "add", element })));
    await opened.page.locator('[aria-live="polite"]').getByText("4 changes").waitFor();
    expectNoProblems(opened);
  });
});
