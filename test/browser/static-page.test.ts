/** The page that examples/static-page builds, on an origin of its own, in a real Chromium. */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyExample, type Example } from "../journeys/examples.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
let example: Example;
let site: Server;
let address: string;
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  example = await copyExample("static-page", world);
  expect(await example.run("npm run build")).toMatchObject({ code: 0 });
  site = createServer(async (request, response) => {
    const name = request.url === "/poster.jpg" ? "poster.jpg" : "index.html";
    response.setHeader("content-type", name === "poster.jpg" ? "image/jpeg" : "text/html; charset=utf-8");
    response.end(await readFile(join(example.folder, "dist", name)));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await example?.remove();
  await world?.stop();
});

it.each([390, 1280])("holds the video's place at %i px before it is loaded, and plays it", async (width) => {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/files/**", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(address, { waitUntil: "domcontentloaded" });
  const video = page.locator("video");
  const before = await video.boundingBox();
  expect((before?.width ?? 0) / (before?.height ?? 1)).toBeCloseTo(1366 / 768, 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  expect(await page.evaluate(() => fetch("poster.jpg").then(({ status }) => status))).toBe(200);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/static-page-${width}.png` });
  release();
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState), { timeout: 10_000 })
    .toBeGreaterThanOrEqual(1);
  expect(await video.boundingBox()).toEqual(before);
  const played = await video.evaluate(async (element: HTMLVideoElement) => {
    await element.play();
    await new Promise((resolve) => element.addEventListener("timeupdate", resolve, { once: true }));
    return { inline: element.playsInline, width: element.videoWidth, moving: element.currentTime > 0 };
  });
  expect(played).toEqual({ inline: true, width: 1366, moving: true });
  expect(problems).toEqual([]);
  await page.close();
});
