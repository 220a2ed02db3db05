/** The reference in a real Chromium: on a phone and a desk, in light and dark, by keyboard, on paper, without a script. */

import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "none" });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

async function open(options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  const asked: string[] = [];
  // A violation of the policy is an error in the console, too.
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => !request.url().startsWith("data:") && asked.push(request.url()));
  await page.goto(`${world.url}/docs`);
  return { context, page, problems, asked };
}

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

describe("/docs", () => {
  const looks = [390, 1280].flatMap((width) =>
    (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  it.each(looks)(
    "fits $width px in $colorScheme, asks nobody, and axe finds nothing",
    async ({ width, colorScheme }) => {
      const { context, page, problems, asked } = await open({
        viewport: { width, height: 900 },
        colorScheme,
      });
      expect(await widthOf(page)).toBe(width);
      expect(await page.locator("h1").isVisible()).toBe(true);
      if (process.env.SCREENSHOTS)
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs-${width}-${colorScheme}.png` });
      expect(asked).toEqual([`${world.url}/docs`]);
      expect(problems).toEqual([]);
      // Through the debugger, as the page's own policy lets no script in.
      await page.evaluate(axe.source);
      const found = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run(),
      );
      expect(found.passes.length).toBeGreaterThan(15);
      expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await context.close();
    },
  );

  it("leads from the index to a route, by keyboard, at an address that can be handed on", async () => {
    const { context, page } = await open({ viewport: { width: 1280, height: 900 } });
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip the index");
    const link = page.getByRole("navigation").getByRole("link", { name: "Cancel a task" });
    await link.focus();
    await page.keyboard.press("Enter");
    expect(new URL(page.url()).hash).toBe("#delete-v1-videos-task_id");
    const heading = page.getByRole("heading", { name: /^Cancel a task/ });
    await expect.poll(async () => (await heading.boundingBox())?.y ?? -1).toBeLessThan(200);
    expect((await heading.boundingBox())?.y).toBeGreaterThan(0);
    await context.close();
  });

  it("copies a command", async () => {
    const { context, page } = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    const article = page.locator("#get-healthz");
    await article.getByRole("button", { name: "Copy" }).click();
    await expect.poll(() => article.getByRole("button").textContent()).toBe("Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('curl "$FILMGATE_URL/healthz"');
    await context.close();
  });

  it("is all there without a script, but for the buttons that need one", async () => {
    const { context, page } = await open({ javaScriptEnabled: false });
    expect(await page.getByRole("heading", { name: "Order a video", exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole("button").count()).toBe(0);
    await context.close();
  });

  it("prints its text and not its index", async () => {
    const { context, page } = await open({ viewport: { width: 800, height: 1000 } });
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("navigation").isVisible()).toBe(false);
    expect(await page.locator("#get-v1-usage pre").isVisible()).toBe(true);
    await context.close();
  });
});
