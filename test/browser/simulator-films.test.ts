/** The simulator's films of V2 in a real Chromium: each size, at one of the lengths, plays to its last picture. */

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/server.ts";
import { pickV2Clip } from "../../src/simulator/v2-clips.ts";
import { ratios } from "../../src/simulator/v2-models.ts";
import { callerOf } from "../simulator/caller.ts";
import { startChromium } from "./chromium.ts";

let simulator: RunningSimulator;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await startChromium();
  simulator = await startSimulator({ speed: 2000 });
  page = await browser.newPage();
  await page.goto(`${simulator.url}/simulator/health`);
});
afterAll(async () => {
  await browser?.close();
  await simulator?.close();
});

const films = ["480P", "768P", "2K"].flatMap((resolution, tier) =>
  ratios.map((ratio, index) => ({ resolution, ratio, duration: 5 + ((tier * ratios.length + index) % 11) })),
);

it.each(films)("$resolution, $ratio, $duration s", async ({ resolution, ratio, duration }) => {
  const { v2 } = callerOf(() => simulator);
  const model = resolution === "2K" ? "MiniMax-H3" : "MiniMax-H3-Max";
  const taskId = await v2.order("played [sim: instant]", { model, resolution, ratio, duration });
  const { content } = await v2.task(taskId);
  const seen = await page.evaluate(async (url) => {
    const video = document.createElement("video");
    Object.assign(video, { src: url, muted: true, playbackRate: 8 });
    document.body.replaceChildren(video);
    await video.play();
    await new Promise((ended, broken) => Object.assign(video, { onended: ended, onerror: broken }));
    const { videoWidth: width, videoHeight: height, duration } = video;
    return { width, height, duration, pictures: video.getVideoPlaybackQuality().totalVideoFrames };
  }, content.url as string);
  const { width, height } = pickV2Clip({ resolution, ratio, duration });
  expect(seen).toEqual({ width, height, duration, pictures: duration * 24 });
});
