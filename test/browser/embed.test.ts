/**
 * <filmgate-video> in pages of another origin, under a policy that allows no more than docs/embedding.md asks for, in a
 * real Chromium against the real Worker: it asks late, holds its place, waits, goes on where a link ended, and says what
 * is not there.
 */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import type { CreatedApiKey, DownloadVideoResponse } from "../../src/contract.ts";
import type { FilmgateVideo } from "../../src/embed/filmgate-video.ts";
import { startWorld, until, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
let site: Server;
let origin: string;
let key: string;
let html = "";
const css = `
  :root { color-scheme: light dark; }
  body { margin: 0 auto; padding: 24px; max-width: 640px; font: 1rem/1.5 system-ui, sans-serif; }
  filmgate-video { display: block; aspect-ratio: 16 / 9; }
  .far { margin-top: 3000px; }
  .portrait { max-width: 200px; }`;

beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  const poster = await readFile(join(root, "examples/static-page/poster.jpg"));
  site = createServer((request, response) => {
    if (request.url === "/page.css") return response.setHeader("content-type", "text/css").end(css);
    if (request.url === "/poster.jpg") return response.setHeader("content-type", "image/jpeg").end(poster);
    response.setHeader(
      "content-security-policy",
      [
        "default-src 'none'; base-uri 'none'; style-src 'self'; require-trusted-types-for 'script'",
        ...[`script-src ${world.url}`, `media-src ${world.url}`, `connect-src ${world.url}`],
        `img-src 'self' ${world.url}`,
      ].join("; "),
    );
    return response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const answer = await fetch(`${world.url}/v1/admin/keys`, {
    method: "POST",
    headers: {
      authorization: "Bearer local-admin-key-of-the-simulator-setup",
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "a page", kind: "publishable" }),
  });
  ({ key } = (await answer.json()) as CreatedApiKey);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await world?.stop();
});

type Opening = BrowserContextOptions & { fakeClock?: boolean; prepare?: (page: Page) => Promise<unknown> };

/** Opens a page of the site with the markup in it, and notes what it asks, complains of, and hears of the element. */
async function open(markup: string, { fakeClock, prepare, ...options }: Opening = {}) {
  html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A page</title><link rel="icon" href="/poster.jpg">
    <link rel="stylesheet" href="/page.css"><main><h1>A page</h1>${markup}<p>The text goes on.</p></main>
    <script type="module" src="${world.url}/embed.js"></script>`;
  const context = await browser.newContext({ viewport: { width: 800, height: 700 }, ...options });
  const page = await context.newPage();
  if (fakeClock) await page.clock.install();
  const problems: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => asked.push(`${request.method()} ${request.url()}`));
  await page.addInitScript(() => {
    const heard: unknown[] = [];
    const shifts: number[] = [];
    Object.assign(globalThis, { heard, shifts });
    for (const type of ["ready", "progress", "unavailable", "expired"]) {
      addEventListener(`filmgate-${type}`, (event) => heard.push([type, (event as CustomEvent).detail]));
    }
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await prepare?.(page);
  await page.goto(origin);
  const element = page.locator("filmgate-video").first();
  return {
    context,
    page,
    problems,
    asked,
    element,
    video: element.locator("video"),
    words: element.getByRole("status"),
    close: () => context.close(),
    /** What was asked of the gateway, but for the script. */
    gateway: () => asked.filter((one) => one.includes(world.url) && !one.endsWith("/embed.js")),
    heard: () => page.evaluate(() => (globalThis as unknown as { heard: [string, unknown][] }).heard),
    shift: () =>
      page.evaluate(() =>
        (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, one) => sum + one, 0),
      ),
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function shot(page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/embed-${name}.png` });
}

/** Orders a video and publishes it. */
async function order(scenario: string, publish: Record<string, unknown> | undefined = {}) {
  const fields = publish === undefined ? {} : { publish };
  const { body } = await world.create({
    model: "MiniMax-Hailuo-2.3",
    prompt: world.prompt(scenario),
    ...fields,
  });
  return {
    taskId: body.task_id,
    url: body.publication?.url ?? "",
    pageUrl: body.publication?.page_url ?? "",
  };
}

async function ordered(publish?: Record<string, unknown>) {
  const made = await order("instant", publish);
  const { file_id: fileId } = await world.untilOver(made.taskId);
  return { ...made, fileId };
}

async function linkTo(fileId: string, seconds = 60): Promise<string> {
  const { body } = await world.call<DownloadVideoResponse>(
    "GET",
    `/v1/videos/download/${fileId}?expires_in=${seconds}`,
  );
  return body.download_url;
}

const escaped = (url: string) => url.replaceAll("&", "&amp;");
const stateOf = ({ video }: Opened) =>
  video.evaluate((element: HTMLVideoElement) => ({
    at: element.currentTime,
    paused: element.paused,
    readyState: element.readyState,
    rate: element.playbackRate,
    volume: element.volume,
    muted: element.muted,
    src: element.currentSrc,
  }));
const untilPlayable = (opened: Opened) =>
  expect.poll(async () => (await stateOf(opened)).readyState, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
/** Of the two origins that a page and its gateway are. */
const expectNothingElsewhere = ({ asked }: Opened) =>
  expect(
    asked.filter((one) => ![origin, world.url].some((known) => one.split(" ")[1]?.startsWith(known))),
  ).toEqual([]);

describe("a video that is there", () => {
  it("asks nothing until it is nearly seen, then plays and seeks in the place that was kept", async () => {
    const { url } = await ordered({ title: "Waves" });
    const opened = await open(
      `<filmgate-video class="far" src="${url}" width="1366" height="768" poster="/poster.jpg"></filmgate-video>`,
    );
    const { page, element, video, problems, gateway } = opened;
    await page.waitForLoadState("networkidle");
    expect(gateway()).toEqual([]);
    expect(opened.asked.some((one) => one.endsWith("/poster.jpg"))).toBe(true);
    const before = await element.boundingBox();
    await element.scrollIntoViewIfNeeded();
    await untilPlayable(opened);
    const after = await element.boundingBox();
    expect([after?.width, after?.height]).toEqual([before?.width, before?.height]);
    expect((before?.width ?? 0) / (before?.height ?? 1)).toBeCloseTo(1366 / 768, 2);
    const reached = await video.evaluate(async (player: HTMLVideoElement) => {
      player.muted = true;
      await player.play();
      player.currentTime = 4;
      await new Promise((resolve) => player.addEventListener("seeked", resolve, { once: true }));
      await new Promise((resolve) => player.addEventListener("timeupdate", resolve, { once: true }));
      return player.currentTime;
    });
    expect(reached).toBeGreaterThanOrEqual(4);
    expect(await opened.heard()).toEqual([["ready", { fileId: /file_\w+/.exec(url)?.[0] }]]);
    expect(await opened.shift()).toBe(0);
    expect(problems).toEqual([]);
    expectNothingElsewhere(opened);
    await opened.close();
  });

  it("learns its name and shape where the page does not say, also by the address of its player page", async () => {
    const { pageUrl } = await ordered({ title: "Waves at sunset" });
    const opened = await open(`<filmgate-video src="${pageUrl}"></filmgate-video>`);
    const before = await opened.element.boundingBox();
    await untilPlayable(opened);
    await expect.poll(() => opened.video.getAttribute("aria-label")).toBe("Waves at sunset");
    expect(await opened.element.boundingBox()).toEqual(before);
    expect(await opened.shift()).toBe(0);
    expect(opened.problems).toEqual([]);
    await opened.close();
  });

  it("is played by keyboard, with the focus in the player", async () => {
    const { url } = await ordered();
    const opened = await open(`<filmgate-video src="${url}" muted title="Waves"></filmgate-video>`);
    await untilPlayable(opened);
    await opened.page.keyboard.press("Tab");
    expect(await opened.page.evaluate(() => document.activeElement?.localName)).toBe("filmgate-video");
    await opened.page.keyboard.press("Space");
    await expect.poll(async () => (await stateOf(opened)).paused).toBe(false);
    await opened.close();
  });

  it("plays by itself where that is wanted, and not for those who want less motion", async () => {
    const { url } = await ordered();
    const markup = `<filmgate-video src="${url}" autoplay muted loop nocontrols></filmgate-video>`;
    const moving = await open(markup);
    await expect.poll(async () => (await stateOf(moving)).at, { timeout: 10_000 }).toBeGreaterThan(0.2);
    expect(await moving.video.getAttribute("controls")).toBe(null);
    await moving.close();
    const still = await open(markup, { reducedMotion: "reduce" });
    await untilPlayable(still);
    await still.page.waitForTimeout(500);
    expect(await stateOf(still)).toMatchObject({ at: 0, paused: true });
    expect(await still.video.getAttribute("controls")).toBe("");
    await still.close();
  });

  it("shows the page's own link where there is no script", async () => {
    const { url } = await ordered();
    const opened = await open(
      `<filmgate-video src="${url}"><a href="${url}">Watch the video</a></filmgate-video>`,
      { javaScriptEnabled: false },
    );
    expect(await opened.page.getByRole("link", { name: "Watch the video" }).isVisible()).toBe(true);
    await opened.close();
  });
});

describe("a video that is being made", () => {
  it("shows its progress to a page with a publishable key, and then itself, in the same place", async () => {
    const { url } = await order("late=4", { title: "Waves" });
    const opened = await open(
      `<filmgate-video src="${url}" publishable-key="${key}" poster="/poster.jpg"></filmgate-video>`,
    );
    const { element, words, page } = opened;
    const strip = element.getByRole("progressbar");
    await expect.poll(() => words.innerText()).toMatch(/^MiniMax is making it, usually \d+ s$/);
    await expect
      .poll(async () => Number(await strip.getAttribute("aria-valuenow")), { timeout: 15_000 })
      .toBeGreaterThan(30);
    expect(await element.locator("i.passed").count()).toBeGreaterThan(0);
    const before = await element.boundingBox();
    await untilPlayable(opened);
    expect(await element.boundingBox()).toEqual(before);
    expect(await opened.shift()).toBe(0);
    expect(await words.textContent()).toBe("The video is ready.");
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe("body");
    const heard = await opened.heard();
    expect(heard.map(([type]) => type)).toEqual([...Array(heard.length - 1).fill("progress"), "ready"]);
    expect(opened.problems).toEqual([]);
    expectNothingElsewhere(opened);
    await opened.close();
  });

  it("tells its place in line", async () => {
    await world.limit(0);
    try {
      const { url } = await order("instant");
      const opened = await open(`<filmgate-video src="${url}" publishable-key="${key}"></filmgate-video>`);
      await expect.poll(() => opened.words.innerText()).toMatch(/^[Ii]n the queue, 1st$/);
      await shot(opened.page, "queued");
      await opened.close();
    } finally {
      await world.limit(null);
    }
  });

  it.each([
    ["without a key", ""],
    ["with a key that nobody knows", `publishable-key="mql_pk_default_${"0".repeat(40)}"`],
    ["with a secret key, which is not used", `publishable-key="mql_default_${"0".repeat(40)}"`],
  ])(
    "says so without a number %s, asks now and then, and plays when it is there",
    async (title, attribute) => {
      const { url } = await order("late=4");
      const opened = await open(`<filmgate-video src="${url}" ${attribute}></filmgate-video>`);
      await expect.poll(() => opened.words.innerText()).toContain("still being made");
      expect(await opened.element.getByRole("progressbar").count()).toBe(0);
      await untilPlayable(opened);
      expect(await opened.shift()).toBe(0);
      if (title === "without a key") expect(opened.problems).toEqual([]);
      if (title.includes("secret")) expect(opened.problems.join()).toContain("publishable key");
      expect(opened.asked.filter((one) => one.includes("/v1/")).length).toBe(
        title.includes("nobody") ? 1 : 0,
      );
      await opened.close();
    },
  );

  it("stops asking when it is taken out of the page", async () => {
    const { url } = await order("stall");
    const opened = await open(`<filmgate-video src="${url}"></filmgate-video>`, { fakeClock: true });
    await expect.poll(() => opened.words.innerText()).toContain("still being made");
    await opened.page.clock.runFor(6000);
    await expect.poll(() => opened.gateway().length).toBe(2);
    await opened.element.evaluate((element) => element.remove());
    await opened.page.clock.runFor(60_000);
    expect(opened.gateway().length).toBe(2);
    await opened.close();
  });

  it("says that it could not be made, in the page's own words where it has some", async () => {
    const { url, taskId } = await order("fail=1027");
    await world.untilOver(taskId);
    const opened = await open(
      `<filmgate-video src="${url}"><p slot="failed">Daraus ist nichts geworden.</p></filmgate-video>
       <filmgate-video src="${url}"><p slot="unavailable">Dieses Video gibt es nicht.</p></filmgate-video>
       <filmgate-video src="${url}"></filmgate-video>`,
    );
    await expect
      .poll(() => opened.page.evaluate(() => document.querySelector("main")?.innerText))
      .toContain("Daraus ist nichts geworden.");
    expect(await opened.page.getByText("Dieses Video gibt es nicht.").isVisible()).toBe(true);
    await expect
      .poll(() => opened.page.getByRole("status").last().innerText())
      .toBe("This video could not be made.");
    await opened.close();
  });
});
