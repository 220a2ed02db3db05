/**
 * A static page of another site that holds a video in all three ways at once, the component, the frame and the plain
 * link, in a real Chromium: they play and seek, outlive a signed link's end, and survive a take-down.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { localSettings } from "../../scripts/worker.ts";
import type { CreatedApiKey, DownloadVideoResponse, Publication } from "../../src/contract.ts";
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
  site = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await world?.stop();
});

const poll = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 200 });
const escaped = (text: string) => text.replaceAll("&", "&amp;");

/** Seeks in a player, wherever it stands, and tells where it came to; it runs in the page. */
async function seekIn(video: Element, seconds: number): Promise<number> {
  const player = video as HTMLVideoElement;
  player.muted = true;
  if (player.readyState < 1)
    await new Promise((resolve) => player.addEventListener("loadedmetadata", resolve));
  const sought = new Promise((resolve) => player.addEventListener("seeked", resolve, { once: true }));
  player.currentTime = seconds;
  await sought;
  await player.play();
  return player.currentTime;
}

async function visit(): Promise<{ page: Page; problems: string[]; elsewhere: () => string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(origin);
  const known = [origin, world.url, "data:"];
  return {
    page,
    problems,
    elsewhere: () => asked.filter((url) => !known.some((one) => url.startsWith(one))),
  };
}

it("a page plays a video in all three ways, past a link's end and until its owner takes it down", async () => {
  const wanted = { name: "pages", kind: "publishable", origins: [origin] };
  const owner = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
  const { key } = (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", wanted, owner)).body;
  const order = {
    model: "MiniMax-Hailuo-2.3",
    prompt: world.prompt("instant"),
    publish: { origins: [origin] },
  };
  const { task_id: id } = (await world.create(order)).body;
  const { file_id: fileId } = await world.untilOver(id);
  const { body: publication } = await world.call<Publication>("GET", `/v1/videos/${id}/publish`);
  const link = await world.call<DownloadVideoResponse>("GET", `/v1/videos/download/${fileId}`);
  html = `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">
    <script type="module" src="${world.url}/embed.js"></script>
    <filmgate-video id="component" loading="eager" src="${publication.url}"></filmgate-video>
    <iframe id="frame" src="${publication.page_url}" width="640" height="360" title="A video"></iframe>
    <video id="plain" controls playsinline preload="metadata" src="${publication.url}"></video>
    <filmgate-video id="signed" loading="eager" src="${escaped(link.body.download_url)}" publishable-key="${key}"></filmgate-video>`;

  const { page, problems, elsewhere } = await visit();
  const players = {
    component: page.locator("#component video"),
    frame: page.frameLocator("#frame").locator("video"),
    plain: page.locator("#plain"),
    signed: page.locator("#signed video"),
  };
  for (const player of Object.values(players)) {
    expect(await player.evaluate(seekIn, 4)).toBeGreaterThanOrEqual(4);
    await player.evaluate((video: HTMLVideoElement) => video.pause());
  }

  // The link ends: the gateway refuses it from here on, and the component goes on with another, where it was.
  const first = new URL(link.body.download_url);
  await page.route(`${world.url}/files/**`, (route) => {
    const isEnded = new URL(route.request().url()).search === first.search;
    return isEnded
      ? route.fulfill({
          status: 403,
          headers: { "access-control-allow-origin": "*" },
          json: { error: { message: "The link has expired.", code: "link_expired" } },
        })
      : route.continue();
  });
  await page.route(`${world.url}/v1/videos/download/**`, (route) =>
    route.continue({ url: `${route.request().url()}?expires_in=172800` }),
  );
  const before = await players.signed.evaluate((video: HTMLVideoElement) => video.currentTime);
  await players.signed.evaluate((video: HTMLVideoElement) => video.dispatchEvent(new Event("error")));
  const isRenewed = (video: HTMLVideoElement, ended: string) =>
    new URL(video.currentSrc).search !== ended && video.readyState > 1 && !video.seeking;
  await poll(() => players.signed.evaluate(isRenewed, first.search)).toBe(true);
  expect(await players.signed.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeCloseTo(
    before,
    1,
  );
  // Said by the browser of the refused link, which was asked for by hand here; nothing else was complained of.
  expect(problems.filter((problem) => !problem.includes("403"))).toEqual([]);
  expect(elsewhere()).toEqual([]);
  await page.close();

  expect((await world.call("DELETE", `/v1/videos/${id}/publish`)).status).toBe(200);
  const after = await visit();
  await poll(() => after.page.locator("#component [role=status]").innerText()).toContain(
    "no longer available",
  );
  await poll(() => after.page.frameLocator("#frame").locator("h1").innerText()).toBe(
    "There is no video here",
  );
  const refusedBy = (video: HTMLVideoElement) => video.error?.code;
  await poll(() => after.page.locator("#plain").evaluate(refusedBy)).toBe(4);
  // What the owner took down is the address that stays; a signed link in a page of its own goes on.
  expect(await after.page.locator("#signed video").evaluate(seekIn, 2)).toBeGreaterThanOrEqual(2);
  expect(after.elsewhere()).toEqual([]);
  await after.page.close();
});
