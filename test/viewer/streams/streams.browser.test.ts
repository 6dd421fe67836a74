/** Streams on the page, in Chromium, against the real server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { StreamHandle } from "../../../src/client/index.ts";
import { launchBrowser } from "../../support/browser.ts";
import { startServer } from "../../support/server.ts";
import type { TestServer } from "../../support/server.ts";
import { expectNoProblems, expectOnlyLostConnections, openPage } from "../support/opened-page.ts";
import { eventually, expectForEveryone, partText, screenshotFolder, tabTo } from "../support/page-checks.ts";

let browser: Browser;
let server: TestServer;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "weir-streams-page-"));
  [browser, server] = await Promise.all([launchBrowser(), startServer({ data })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

function stream(name: string): StreamHandle {
  return new WeirClient({ url: server.url }).stream(name);
}

/** The lines of the user who is followed, as they are shown. */
async function lines(page: Page): Promise<readonly string[]> {
  return page.locator(".followed li bdi").allTextContents();
}

async function follow(page: Page, user: string): Promise<void> {
  await page.getByLabel("User", { exact: true }).fill(user);
  await page.getByRole("button", { name: "Follow" }).click();
}

describe("a stream", () => {
  it("is shown in figures, as they change", async () => {
    const feed = stream("figures");
    await feed.configure({ event_timeout_ms: -1, max_buffered: 50 });
    const opened = await openPage(browser, `${server.url}/?stream=figures`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => partText(page, "cursor"), "0");
    await feed.ingest(["1|F|60|50", "2|B", "5|S|50", "nonsense", "9|B"]);
    await eventually(() => partText(page, "cursor"), "2");
    expect(await partText(page, "buffered")).toBe("2");
    expect(await partText(page, "room")).toBe("of at most 50");
    expect(await partText(page, "gap")).toBe("3 to 4");
    expect(await partText(page, "outlook")).toBe("Missing; waits until it comes");
    expect(await partText(page, "losses")).toBe("1 dead letter");
    await feed.configure({ event_timeout_ms: 0 });
    await eventually(() => partText(page, "cursor"), "9");
    await eventually(() => partText(page, "losses"), "5 numbers skipped, 1 dead letter");
    expect(await partText(page, "gap")).toBe("None");
    expect(await partText(page, "total-broadcast")).toBe("2");
    await feed.ingest(Array.from({ length: 100 }, (_, index) => `${index + 10}|B`));
    await eventually(() => partText(page, "rate"), "11/s");
    await eventually(() => partText(page, "rate"), "0/s");
    expectNoProblems(opened);
  });

  it("can be reached from the other features", async () => {
    const opened = await openPage(browser, `${server.url}/`);
    const { page } = opened;
    await page.getByRole("link", { name: "Streams" }).click();
    await opened.connectionSays("Live");
    expect(await page.locator("h1").textContent()).toBe("default");
    await page.getByRole("link", { name: "Sets" }).click();
    await page.getByLabel("New element").waitFor();
    expectNoProblems(opened);
  });
});

describe("a user of it", () => {
  it("is followed from some way back, live, and in order; then another", async () => {
    const feed = stream("follow");
    await feed.configure({ event_timeout_ms: 0 });
    await feed.ingest(["1|F|60|50", "2|S|50", "3|P|1|\u200b"]);
    const opened = await openPage(browser, `${server.url}/?stream=follow`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => partText(page, "cursor"), "3");
    await follow(page, "60");
    await eventually(() => lines(page), ["2|S|50"]);
    await eventually(() => partText(page, "users"), "1");
    await feed.ingest(["5|S|50", "4|P|32|60"]);
    await eventually(() => lines(page), ["5|S|50", "4|P|32|60", "2|S|50"]);
    await feed.ingest(["8|B"]);
    await eventually(() => lines(page), ["8|B", "5|S|50", "4|P|32|60", "2|S|50"]);
    await page.getByRole("listitem").getByText("6 to 7 never came").waitFor();
    await page.getByRole("listitem").getByText("private message of 32").waitFor();
    await follow(page, "\u200b");
    await eventually(() => lines(page), ["8|B", "3|P|1|ZWSP"]);
    await eventually(() => partText(page, "users"), "1");
    await follow(page, "a|b");
    await page.getByRole("alert").getByText('The id of a user must not contain "|".').waitFor();
    expectNoProblems(opened);
  });

  it("is followed on after the server was gone, and after working offline", { timeout: 90_000 }, async () => {
    const feed = stream("kill");
    const opened = await openPage(browser, `${server.url}/?stream=kill`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await follow(page, "60");
    await feed.ingest(["1|B"]);
    await eventually(() => lines(page), ["1|B"]);
    await server.kill("SIGKILL");
    await opened.connectionSays("Reconnecting");
    await server.restart();
    await feed.ingest(["2|B"]);
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await opened.connectionSays("Live");
    await eventually(() => lines(page), ["2|B", "1|B"]);
    // The button has to settle first, so that a press meant for the former one does nothing.
    await page.waitForTimeout(700);
    await page.getByRole("button", { name: "Work offline" }).click();
    await opened.connectionSays("Offline");
    await feed.ingest(["3|B"]);
    await page.getByRole("button", { name: "Reconnect now" }).click();
    await eventually(() => lines(page), ["3|B", "2|B", "1|B"]);
    expectOnlyLostConnections(opened);
  });

  it("is followed on when the stream was erased, from the beginning of the next", async () => {
    const feed = stream("erased");
    const opened = await openPage(browser, `${server.url}/?stream=erased`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await follow(page, "60");
    await feed.ingest(["1|B"]);
    await eventually(() => lines(page), ["1|B"]);
    await feed.erase();
    await page.getByRole("listitem").getByText("The stream was erased and begins anew").waitFor();
    await feed.ingest(["1|P|9|60"]);
    await eventually(() => lines(page), ["1|P|9|60", "1|B"]);
    // That its position is none of the new stream is how the page knows; the browser reports the answer that says so.
    expect(opened.problems).toEqual([
      "Failed to load resource: the server responded with a status of 400 (Bad Request)",
    ]);
  });
});

describe("what the page sends", () => {
  it("is one event after the other, by keyboard alone, each with what became of it", async () => {
    const opened = await openPage(browser, `${server.url}/?stream=keys`);
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => page.locator("#line-text").inputValue(), "1|B");
    await tabTo(page, "#line-text");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“1|B”: processed, cursor 1").waitFor();
    await eventually(() => page.locator("#line-text").inputValue(), "2|B");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“2|B”: processed, cursor 2").waitFor();
    await page.locator("#line-text").fill("1|B");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“1|B”: a duplicate, cursor 2").waitFor();
    await page.locator("#line-text").fill("3|X");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The type must be one of F, U, B, P and S.").waitFor();
    await eventually(() => partText(page, "cursor"), "2");
    expectNoProblems(opened);
  });
});

describe("for everyone", () => {
  it.each(["light", "dark"] as const)("in %s colours, wide and narrow", async (colorScheme) => {
    const feed = stream(`look ${colorScheme}`);
    await feed.configure({ event_timeout_ms: -1 });
    await feed.ingest(["1|F|60|50", "2|S|50", "3|B", `4|P|${"a very long name ".repeat(8)}|60`, "7|B", "x"]);
    const shots = screenshotFolder(`streams ${colorScheme}`);
    const opened = await openPage(browser, `${server.url}/?stream=look+${colorScheme}`, { colorScheme });
    const { page } = opened;
    await opened.connectionSays("Live");
    await eventually(() => partText(page, "cursor"), "4");
    await expectForEveryone(page, `streams-empty-${colorScheme}`, shots);
    await follow(page, "60");
    await eventually(async () => (await lines(page)).length, 3);
    await page.locator("#line-text").fill("5|B");
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").getByText("“5|B”: processed, cursor 5").waitFor();
    await eventually(() => partText(page, "gap"), "6");
    await expectForEveryone(page, `streams-${colorScheme}`, shots);
    expectNoProblems(opened);
  });
});
