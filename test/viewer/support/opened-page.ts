/**
 * The page in a real browser, watched: whatever it complains of, asks of anybody but its own server, or is refused by its
 * own policy, is a problem that fails the test.
 */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

export interface OpenedPage {
  readonly page: Page;
  /** What went wrong so far. */
  readonly problems: readonly string[];
  /** The row that shows `element`. */
  readonly row: (element: string) => Locator;
  /** Resolves once it does. */
  readonly connectionSays: (words: string) => Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 820 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith("data:")) {
      problems.push(`asked ${request.url()}`);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`policy ${violatedDirective}: ${blockedURI}`);
    });
  });
  await page.goto(url);
  return {
    page,
    problems,
    row: (element) => page.getByRole("row").filter({ has: page.getByText(element, { exact: true }) }),
    connectionSays: async (words) => {
      await page.getByRole("region", { name: "Connection" }).getByText(words, { exact: true }).waitFor();
    },
  };
}

export function expectNoProblems({ problems }: OpenedPage): void {
  expect(problems).toEqual([]);
}

/** Connections and requests that can't be made are reported by the browser itself; nothing else may be. */
export function expectOnlyLostConnections({ problems }: OpenedPage): void {
  expect(
    problems.filter(
      (problem) =>
        !/WebSocket connection to .* failed|resource: net::ERR_(CONNECTION|INTERNET_DISCONNECTED)/.test(problem),
    ),
  ).toEqual([]);
}

/** Controls and composites of the accessibility tree that have no name, by role and markup. */
export async function unnamedControls(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const named = [
    "button",
    "textbox",
    "searchbox",
    "radio",
    "combobox",
    "table",
    "link",
    "grid",
    "row",
    "navigation",
    "region",
    "group",
  ];
  // A row that is no stop of the keyboard is read by its cells.
  const isRead = ({ role, properties = [] }: (typeof nodes)[number]): boolean =>
    role?.value === "row" && !properties.some(({ name, value }) => name === "focusable" && value.value === true);
  return nodes
    .filter((node) => !node.ignored && named.includes(String(node.role?.value)) && !node.name?.value && !isRead(node))
    .map((node) => String(node.role?.value));
}

/** Texts whose contrast with what is behind them is less than 4.5 (WCAG 2.2, 1.4.3). */
export async function faintTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    type Colour = readonly [red: number, green: number, blue: number, alpha: number];
    const parse = (text: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return [red, green, blue, alpha];
    };
    const over = (top: Colour, under: Colour): Colour => {
      const mix = (a: number, b: number): number => a * top[3] + b * (1 - top[3]);
      return [mix(top[0], under[0]), mix(top[1], under[1]), mix(top[2], under[2]), 1];
    };
    const behind = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255, 1];
      const own = parse(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, behind(element.parentElement));
    };
    const luminance = (colour: Colour): number => {
      const linear = (value: number): number => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      };
      return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
    };
    const faint: string[] = [];
    for (const element of Array.from(document.body.querySelectorAll("*"))) {
      const text = Array.from(element.childNodes, (node) => (node.nodeType === 3 ? node.nodeValue : ""))
        .join("")
        .trim();
      if (text === "" || !element.checkVisibility({ visibilityProperty: true }) || element.closest(".unseen")) continue;
      const under = behind(element);
      const [a, b] = [luminance(over(parse(getComputedStyle(element).color), under)), luminance(under)];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) faint.push(`${text}: ${contrast.toFixed(2)}`);
    }
    return faint;
  });
}
