/** A published video in a page of another origin, in a real Chromium: a plain <video> with an address that stays. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
let site: Server;
let origin: string;
let html = "";
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  site = createServer((_request, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await world?.stop();
});

/** Orders a video that only `origins` may show, and opens a page with what was to be pasted into it. */
async function openPage(origins: string[], adapt: (embed: string) => string = (embed) => embed) {
  const { body } = await world.create({
    model: "MiniMax-Hailuo-2.3",
    prompt: world.prompt("instant"),
    publish: { origins, alt: "Waves" },
  });
  await world.untilOver(body.task_id);
  const { publication } = await world.video(body.task_id);
  html = `<!doctype html><title>A page</title><link rel="icon" href="data:,">${adapt(publication?.embed_html ?? "")}`;
  const page = await browser.newPage();
  await page.goto(origin);
  return { page, video: page.locator("video") };
}

it.each([
  ["as it is pasted", (embed: string) => embed],
  ["for scripts that read its pictures", (embed: string) => embed.replace("<video", "<video crossorigin")],
])("it plays and seeks in a page of a listed site, %s", async (_title, adapt) => {
  const { page, video } = await openPage([origin], adapt);
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState))
    .toBeGreaterThanOrEqual(1);
  const reached = await video.evaluate(async (element: HTMLVideoElement) => {
    element.muted = true;
    await element.play();
    element.currentTime = 4;
    await new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
    await new Promise((resolve) => element.addEventListener("timeupdate", resolve, { once: true }));
    return { at: element.currentTime, width: element.videoWidth };
  });
  expect(reached.at).toBeGreaterThanOrEqual(4);
  expect(reached.width).toBe(1366);
  await page.close();
});

it("it does not play in a page of another site", async () => {
  const { page, video } = await openPage(["https://site.example"]);
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.error?.code ?? null)).toBe(4);
  await page.close();
});
