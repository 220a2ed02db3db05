/** The example sites as their builds left them, on an origin of their own, in a real Chromium: their videos play. */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyExample, type Example } from "../journeys/examples.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".css": "text/css" };

let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

describe.each(["astro", "eleventy", "plain-html"])("examples/%s", (name) => {
  let example: Example;
  let site: Server;
  let address: string;
  beforeAll(async () => {
    example = await copyExample(name, world);
    const ran = await example.run(example.commands.at(-1) ?? "", { CI: "", ASTRO_TELEMETRY_DISABLED: "1" });
    expect(ran).toMatchObject({ code: 0 });
    site = createServer(async (request, response) => {
      const { pathname } = new URL(String(request.url), "http://site");
      const path = join(example.folder, "dist", pathname.endsWith("/") ? `${pathname}index.html` : pathname);
      response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
      response.end(await readFile(path));
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    site?.close();
    await example?.remove();
  });

  it.each([
    [390, "light"],
    [1280, "dark"],
  ] as const)(
    "holds its videos' places at %i px before they are loaded, and plays them",
    async (width, colorScheme) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route("**/v/*.mp4", async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(address, { waitUntil: "domcontentloaded" });
      // The videos are held back, and with them the page's load event; its style sheet is not.
      const margin = () => page.evaluate(() => getComputedStyle(document.body).marginTop);
      await expect.poll(margin).toBe("0px");
      const videos = await page.locator("video").all();
      expect(videos).toHaveLength(2);
      const before = await Promise.all(videos.map((video) => video.boundingBox()));
      for (const box of before) expect((box?.width ?? 0) / (box?.height ?? 1)).toBeCloseTo(1366 / 768, 1);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      release();
      for (const video of videos) {
        await expect
          .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState), { timeout: 10_000 })
          .toBeGreaterThanOrEqual(1);
        const played = await video.evaluate(async (element: HTMLVideoElement) => {
          element.muted = true;
          await element.play();
          element.currentTime = 3;
          await new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
          await new Promise((resolve) => element.addEventListener("timeupdate", resolve, { once: true }));
          return { inline: element.playsInline, width: element.videoWidth, moved: element.currentTime >= 3 };
        });
        expect(played).toEqual({ inline: true, width: 1366, moved: true });
      }
      expect(await Promise.all(videos.map((video) => video.boundingBox()))).toEqual(before);
      if (process.env.SCREENSHOTS) {
        await page.screenshot({
          path: `${process.env.SCREENSHOTS}/site-${name}-${width}.png`,
          fullPage: true,
        });
      }
      await page.evaluate(axe.source);
      const found = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
          // Generated videos have nothing to be heard.
          rules: { "video-caption": { enabled: false } },
        }),
      );
      expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      expect(problems).toEqual([]);
      await context.close();
    },
  );
});
