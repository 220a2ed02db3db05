/** A static page on another origin that embeds a signed link, in a real Chromium. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
let site: Server;
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await world?.stop();
});

/** Publishes one page, and gives its address: another port is another origin. */
async function publish(html: string): Promise<string> {
  site?.close();
  site = createServer((_request, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
}

async function openPage(url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width: 900, height: 560 } });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(url);
  return { page, problems };
}

it.each([
  ["MiniMax-Hailuo-2.3", {}, 1366, 768, 6],
  ["MiniMax-Hailuo-2.3", { duration: 10 }, 1366, 768, 10],
  ["MiniMax-Hailuo-2.3", { resolution: "1080P" }, 1920, 1080, 6],
  ["T2V-01", {}, 1280, 720, 6],
])("a video of %s %j plays from its link, and seeks", async (model, fields, width, height, duration) => {
  const { body } = await world.create({ model, prompt: world.prompt("instant"), ...fields });
  const over = await world.untilOver(body.task_id);
  const { promised } = await world.download(over.file_id);
  const { page, problems } = await openPage(
    await publish(
      `<!doctype html><title>A page</title><link rel="icon" href="data:,">
       <video crossorigin controls muted playsinline preload="metadata" width="860" src="${promised.download_url.replaceAll("&", "&amp;")}"></video>`,
    ),
  );
  const video = page.locator("video");
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState))
    .toBeGreaterThanOrEqual(1);
  const facts = await video.evaluate((element: HTMLVideoElement) => ({
    width: element.videoWidth,
    height: element.videoHeight,
    duration: Math.round(element.duration),
  }));
  expect(facts).toEqual({ width, height, duration });

  const reached = await video.evaluate(async (element: HTMLVideoElement, to: number) => {
    await element.play();
    element.currentTime = to;
    await new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
    await new Promise((resolve) => element.addEventListener("timeupdate", resolve, { once: true }));
    return element.currentTime;
  }, duration - 2);
  expect(reached).toBeGreaterThanOrEqual(duration - 2);
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/playback-${model}-${duration}.png` });
  expect(problems).toEqual([]);
  await page.close();
});

it("a page's script reads why a link does not work, whatever its origin", async () => {
  const { page } = await openPage(await publish(`<!doctype html><title>A page</title>`));
  const link = `${world.url}/files/file_${"0".repeat(26)}.mp4?exp=1&kid=local&sig=${"A".repeat(43)}`;
  const told = await page.evaluate(async (url) => {
    const response = await fetch(url);
    return { status: response.status, body: (await response.json()) as { error: { code: string } } };
  }, link);
  expect(told).toMatchObject({ status: 403, body: { error: { code: "link_invalid" } } });
  await page.close();
});
