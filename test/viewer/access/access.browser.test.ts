/** The page in front of a server that wants a token. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintToken } from "../../../src/cli/token/mint-token.ts";
import { WeirClient } from "../../../src/client/index.ts";
import { launchBrowser } from "../../support/browser.ts";
import { startServer } from "../../support/server.ts";
import type { TestServer } from "../../support/server.ts";
import { openPage } from "../support/opened-page.ts";
import type { OpenedPage } from "../support/opened-page.ts";
import { expectForEveryone, screenshotFolder, tabTo } from "../support/page-checks.ts";

const SECRET = "a secret for the tests of the page's token";

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

function serve(): Promise<TestServer> {
  return startServer({ env: { AUTH_MODE: "token", AUTH_SECRET: SECRET } });
}

function token(scope: string, expiresMs = Date.now() + 600_000): Promise<string> {
  return mintToken({ secret: SECRET, scopes: scope.split(" "), expiresMs });
}

async function panelSays({ page }: OpenedPage, title: string): Promise<void> {
  await page.getByRole("heading", { name: title, exact: true }).waitFor();
}

/** The announcer says the same to those who don't see it. */
async function panelExplains({ page }: OpenedPage, why: string): Promise<void> {
  await page.locator('[data-part="access-why"]').filter({ hasText: why }).waitFor();
}

async function paste({ page }: OpenedPage, text: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Use", exact: true }).click();
}

/** The browser itself reports a request or a socket that was refused; nothing else may be reported. */
function expectOnlyRefusals({ problems }: OpenedPage): void {
  const refused = /WebSocket connection to .* failed|the server responded with a status of 40[13]/;
  expect(problems.filter((problem) => !refused.test(problem))).toEqual([]);
}

describe("the page of a server with tokens", () => {
  it("asks for one, shows what that lets it, and keeps it for the tab", async () => {
    const { url } = await serve();
    await new WeirClient({ url, token: await token("admin") }).set("cart").add("milk");
    const opened = await openPage(browser, `${url}/?set=cart`);
    const { page } = opened;
    await panelSays(opened, "This server asks for a token");
    await opened.connectionSays("Not let in");
    await paste(opened, "not a token");
    await page.getByText("That is no token").waitFor();

    const reader = await token("sets:read:cart");
    await paste(opened, ` ${reader}\n`);
    await opened.connectionSays("Live");
    await opened.row("milk").waitFor();
    expect(await page.getByLabel("Token", { exact: true }).isVisible()).toBe(false);
    expect(page.url()).toBe(`${url}/?set=cart`);
    expect(await page.content()).not.toContain(reader);

    await page.reload();
    await opened.row("milk").waitFor();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);

    // It may read this set and no other, and it may not write.
    await page.goto(`${url}/?set=other`);
    await panelSays(opened, "This token does not reach here");
    await panelExplains(opened, "The token lacks the scope sets:read:other.");
    await paste(opened, await token("sets:read sets:write"));
    await opened.connectionSays("Live");
    expectOnlyRefusals(opened);
  });

  it("says when its token counts no longer, and can forget it", async () => {
    const { url } = await serve();
    const opened = await openPage(browser, `${url}/?tenants=a,b`);
    const { page } = opened;
    await panelSays(opened, "This server asks for a token");
    await paste(opened, await token("items:read", Date.now() + 3_000));
    await opened.connectionSays("Live");
    await panelSays(opened, "The token is not accepted");
    await panelExplains(opened, "The token has expired.");
    await page.getByRole("button", { name: "Forget", exact: true }).click();
    await panelSays(opened, "This server asks for a token");
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expectOnlyRefusals(opened);
  });

  it("names the tenant that it may not watch, and watches it with a token that may", async () => {
    const { url } = await serve();
    const opened = await openPage(browser, `${url}/?tenants=a,b`);
    await paste(opened, await token("items:read:a"));
    await panelSays(opened, "This token does not reach here");
    await panelExplains(opened, "The token lacks the scope items:read:b.");
    await paste(opened, await token("items:read:*"));
    await opened.connectionSays("Live");
    expectOnlyRefusals(opened);
  });

  it("watches a site without being the admin", async () => {
    const { url } = await serve();
    const opened = await openPage(browser, `${url}/?site=shop`);
    await paste(opened, await token("analytics:read:shop"));
    await opened.connectionSays("Live");
    expectOnlyRefusals(opened);
  });

  it.each(["light", "dark"] as const)("can be read and used by everyone, in %s", async (colorScheme) => {
    const { url } = await serve();
    const opened = await openPage(browser, `${url}/?set=cart`, { colorScheme });
    await panelSays(opened, "This server asks for a token");
    // It has the focus already, so it can be pasted at once.
    expect(await opened.page.evaluate(() => document.activeElement?.id)).toBe("access-token");
    await paste(opened, "no");
    await expectForEveryone(opened.page, `access-${colorScheme}`, screenshotFolder("access"));
    await tabTo(opened.page, "#access-token");
    await opened.page.keyboard.press("Control+A");
    await opened.page.keyboard.type(await token("sets:read"));
    await opened.page.keyboard.press("Enter");
    await opened.connectionSays("Live");
    expectOnlyRefusals(opened);
  });
});
