/** A published video in a page of another origin, in a real Chromium: a plain <video> with an address that stays. */

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
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

describe("a poster", () => {
  const orderFramed = async (scenario: string, origins: string[] | null) => {
    const { body } = await world.create({
      ...{ model: "MiniMax-Hailuo-2.3", prompt: world.prompt(scenario) },
      first_frame_image: await readFile(join(root, "scripts", "first-frame.jpg"), "base64"),
      publish: { origins, title: "Waves", alt: "Waves roll in" },
    });
    return body;
  };
  /** A page, and what its browser complains of. */
  const openQuietly = async (address: string) => {
    const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
    const problems: string[] = [];
    page.on("console", (message) => {
      // The waiting page asks for what is not there yet.
      if (message.type() === "error" && !/status of 404/.test(message.text())) problems.push(message.text());
    });
    const pictures: number[] = [];
    page.on("response", (response) => {
      if (response.url().endsWith("/poster")) pictures.push(response.status());
    });
    await page.goto(address);
    return { page, problems, pictures };
  };

  it("is seen before anything plays, in a page of a listed site", async () => {
    const { task_id: id } = await orderFramed("instant", [origin]);
    await world.untilOver(id);
    html = `<!doctype html><title>A page</title><link rel="icon" href="data:,">${(await world.video(id)).publication?.embed_html}`;
    const { page, problems, pictures } = await openQuietly(origin);
    await expect.poll(() => pictures).toEqual([200]);
    const video = page.locator("video");
    const time = await video.evaluate(({ paused, currentTime }: HTMLVideoElement) => [paused, currentTime]);
    expect(time).toEqual([true, 0]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("stands where the player will, while the video is made and when it is there", async () => {
    const { publication } = await orderFramed("late=3", null);
    const { page, problems, pictures } = await openQuietly(String(publication?.page_url));
    const shapeOf = (selector: string) =>
      page
        .locator(selector)
        .evaluate((element) => element.getBoundingClientRect().toJSON() as Record<string, number>);
    const image = page.getByRole("img", { name: "Waves roll in" });
    await expect
      .poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth))
      .toBeGreaterThan(0);
    const waiting = await shapeOf("img.frame");
    await page.locator("video").waitFor({ timeout: 20_000 });
    const player = await shapeOf("video");
    for (const side of ["x", "width"]) expect(player[side]).toBeCloseTo(waiting[side] ?? 0, 0);
    expect(waiting.y).toBeCloseTo(player.y ?? 0, -1);
    await expect.poll(() => pictures.length).toBeGreaterThanOrEqual(2);
    expect(new Set(pictures).difference(new Set([200, 304])).size).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe("the player page", () => {
  it("in a frame of a listed site turns from waiting into the player, keeps its shape, and plays", async () => {
    const { body } = await world.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: world.prompt("late=2"),
      publish: { origins: [origin], title: "Waves" },
    });
    html = `<!doctype html><title>A page</title><link rel="icon" href="data:,">
      <iframe src="${body.publication?.page_url}" width="640" height="360" title="Waves"></iframe>`;
    const page = await browser.newPage();
    await page.goto(origin);
    const frame = page.frameLocator("iframe");
    expect(await frame.getByRole("status").innerText()).toContain("still being made");
    const video = frame.locator("video");
    await expect
      .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(1);
    const shape = await video.evaluate((element: HTMLVideoElement) =>
      element.getBoundingClientRect().toJSON(),
    );
    expect(shape.width / shape.height).toBeCloseTo(1366 / 768, 1);
    expect(shape.height).toBeLessThanOrEqual(360);
    await page.close();
  });

  it.each(["light", "dark"] as const)(
    "holds up to axe and its own policy in every state, in %s",
    async (colorScheme) => {
      const context = await browser.newContext({ viewport: { width: 390, height: 700 }, colorScheme });
      for (const [scenario, isOver] of [
        ["instant", true],
        ["late=9", false],
        ["fail=1027", true],
      ] as const) {
        const { body } = await world.create({
          model: "MiniMax-Hailuo-2.3",
          prompt: world.prompt(scenario),
          publish: { title: "Waves at sunset" },
        });
        if (isOver) await world.untilOver(body.task_id);
        const page = await context.newPage();
        const problems: string[] = [];
        page.on("console", (message) => {
          // The waiting page asks for what is not there yet, and a page of a failed video is 410.
          if (message.type() === "error" && !/status of 4(?:04|10)/.test(message.text()))
            problems.push(message.text());
        });
        await page.goto(String(body.publication?.page_url));
        if (process.env.SCREENSHOTS)
          await page.screenshot({ path: `${process.env.SCREENSHOTS}/player-${scenario}-${colorScheme}.png` });
        await page.evaluate(axe.source);
        const found = await page.evaluate(() =>
          (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run({
            // A player without words needs no heading, and generated videos have no captions.
            rules: { "page-has-heading-one": { enabled: false } },
          }),
        );
        expect(found.violations.map(({ id, nodes }) => `${scenario} ${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(problems).toEqual([]);
        await page.close();
      }
      await context.close();
    },
  );

  it("is not shown in a frame of another site", async () => {
    const { body } = await world.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: world.prompt("instant"),
      publish: { origins: ["https://site.example"] },
    });
    html = `<!doctype html><title>A page</title><link rel="icon" href="data:,"><iframe src="${body.publication?.page_url}" title="x"></iframe>`;
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    await page.goto(origin);
    await expect.poll(() => problems.join()).toContain("frame-ancestors");
    await page.close();
  });
});
