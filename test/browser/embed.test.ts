/**
 * <filmgate-video> in pages of another origin, under a policy that allows no more than docs/embedding.md asks for, in a
 * real Chromium against the real Worker: it asks late, holds its place, waits, goes on where a link ended, and says what
 * is not there.
 */

import { readFile } from "node:fs/promises";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import type { CreatedApiKey, DownloadVideoResponse } from "../../src/contract.ts";
import type { FilmgateVideo } from "../../src/embed/filmgate-video.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

let world: World;
let browser: Browser;
let site: Server;
let relay: Server;
let relayUrl: string;
let origin: string;
let key: string;
let html = "";
const css = `
  :root { color-scheme: light dark; }
  body { margin: 0 auto; padding: 24px; max-width: 640px; font: 1rem/1.5 system-ui, sans-serif; }
  filmgate-video:not(:defined) { display: block; aspect-ratio: 16 / 9; }
  .far { margin-top: 3000px; }
  .portrait { max-width: 200px; }`;

beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  const poster = await readFile(join(root, "examples/client/poster.jpg"));
  site = createServer((request, response) => {
    if (request.url === "/page.css") {
      response.setHeader("content-type", "text/css").end(css);
      return;
    }
    if (request.url === "/poster.jpg") {
      response.setHeader("content-type", "image/jpeg").end(poster);
      return;
    }
    response.setHeader(
      "content-security-policy",
      [
        "default-src 'none'; base-uri 'none'; style-src 'self'; require-trusted-types-for 'script'",
        ...[`script-src ${world.url}`, `media-src ${world.url} ${relayUrl}`],
        `connect-src ${world.url} ${relayUrl}`,
        `img-src 'self' ${world.url}`,
      ].join("; "),
    );
    response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  });
  relay = createServer((request, response) => void relayVisit(request, response));
  [origin, relayUrl] = [await listen(site), await listen(relay)];
  const answer = await fetch(`${world.url}/v1/admin/keys`, {
    method: "POST",
    headers: {
      authorization: "Bearer local-admin-key-of-the-simulator-setup",
      "content-type": "application/json",
    },
    body: JSON.stringify({ name: "a page", kind: "publishable", origins: [origin] }),
  });
  ({ key } = (await answer.json()) as CreatedApiKey);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  relay?.close();
  await world?.stop();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

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
    gateway: () => asked.filter((one) => !one.includes(origin) && !one.endsWith("/embed.js")),
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
async function order(scenario: string, fields: Record<string, unknown> = { publish: {} }) {
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

async function ordered(fields?: Record<string, unknown>) {
  const made = await order("instant", fields);
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

/** Others may be busy on this machine. */
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 200 });

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
  poll(async () => (await stateOf(opened)).readyState).toBeGreaterThanOrEqual(1);
/** Of the two origins that a page and its gateway are. */
const expectNothingElsewhere = ({ asked }: Opened) =>
  expect(
    asked.filter((one) => ![origin, world.url].some((known) => one.split(" ")[1]?.startsWith(known))),
  ).toEqual([]);

describe("a video that is there", () => {
  it("asks nothing until it is nearly seen, then plays and seeks in the place that was kept", async () => {
    const { url } = await ordered({ publish: { title: "Waves" } });
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
    const { pageUrl } = await ordered({ publish: { title: "Waves at sunset" } });
    const opened = await open(`<filmgate-video src="${pageUrl}"></filmgate-video>`);
    const before = await opened.element.boundingBox();
    await untilPlayable(opened);
    await poll(() => opened.video.getAttribute("aria-label")).toBe("Waves at sunset");
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
    await poll(async () => (await stateOf(opened)).paused).toBe(false);
    await opened.close();
  });

  it("plays by itself where that is wanted, and not for those who want less motion", async () => {
    const { url } = await ordered();
    const markup = `<filmgate-video src="${url}" autoplay muted loop nocontrols></filmgate-video>`;
    const moving = await open(markup);
    await poll(async () => (await stateOf(moving)).at).toBeGreaterThan(0.2);
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
    const { url } = await order("late=4", { publish: { title: "Waves" } });
    const opened = await open(
      `<filmgate-video src="${url}" publishable-key="${key}" poster="/poster.jpg"></filmgate-video>`,
    );
    const { element, words, page } = opened;
    const strip = element.getByRole("progressbar");
    await poll(() => words.innerText()).toMatch(/^MiniMax is making it, usually \d+ s$/);
    await poll(async () => Number(await strip.getAttribute("aria-valuenow"))).toBeGreaterThan(30);
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

  it("has the frame that it begins with for a poster, while it is made", async () => {
    const first = await readFile(join(root, "scripts/first-frame.jpg"));
    const { url } = await order("late=4", { publish: {}, first_frame_image: first.toString("base64") });
    const opened = await open(`<filmgate-video src="${url}" publishable-key="${key}"></filmgate-video>`);
    const poster = () => opened.element.evaluate((element: FilmgateVideo) => element.video.poster);
    await poll(poster).toBe(url.replace(/\.mp4$/, "/poster"));
    expect(await opened.words.innerText()).toMatch(/^(?:MiniMax is making it|on its way)/);
    await untilPlayable(opened);
    expect(opened.problems).toEqual([]);
    await opened.close();
  });

  it("tells its place in line", async () => {
    await world.limit(0);
    try {
      const { url } = await order("instant");
      const opened = await open(`<filmgate-video src="${url}" publishable-key="${key}"></filmgate-video>`);
      await poll(() => opened.words.innerText()).toMatch(/^[Ii]n the queue, 1st$/);
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
      await poll(() => opened.words.innerText()).toContain("still being made");
      expect(await opened.element.getByRole("progressbar").count()).toBe(0);
      await untilPlayable(opened);
      expect(await opened.shift()).toBe(0);
      if (title === "without a key") expect(opened.problems).toEqual([]);
      if (title.includes("secret")) expect(opened.problems.join()).toContain("must never stand in a page");
      expect(opened.asked.filter((one) => one.includes("/v1/")).length).toBe(
        title.includes("nobody") ? 1 : 0,
      );
      await opened.close();
    },
  );

  it("stops asking when it is taken out of the page", async () => {
    const { url } = await order("stall");
    const opened = await open(`<filmgate-video src="${url}"></filmgate-video>`, { fakeClock: true });
    await poll(() => opened.words.innerText()).toContain("still being made");
    await opened.page.clock.runFor(6000);
    await poll(() => opened.gateway().length).toBe(2);
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
    await poll(() => opened.page.evaluate(() => document.querySelector("main")?.innerText)).toContain(
      "Daraus ist nichts geworden.",
    );
    expect(await opened.page.getByText("Dieses Video gibt es nicht.").isVisible()).toBe(true);
    await poll(() => opened.page.getByRole("status").last().innerText()).toBe(
      "This video could not be made.",
    );
    await opened.close();
  });
});

/** What is done with a video at the relay: how much of it comes, and what then, once it has been let go. */
type Cut = { beyond: "refused" | "asked of the gateway"; file: Buffer; kept: number; ended: Promise<void> };
const cuts = new Map<string, Cut>();

/**
 * The gateway once more, at an address where connections stall: of a video that is cut comes the beginning, and the rest
 * of it stays without an answer until its end is told.
 */
async function relayVisit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const cut = cuts.get(request.url ?? "");
  const range = request.headers.range ?? "";
  const from = Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0);
  if (cut !== undefined && from < cut.kept && range !== "bytes=0-0") {
    response.writeHead(206, {
      "content-type": "video/mp4",
      "content-range": `bytes ${from}-${cut.kept - 1}/${cut.file.byteLength}`,
      "accept-ranges": "bytes",
      etag: '"one"',
    });
    response.end(cut.file.subarray(from, cut.kept));
    return;
  }
  await cut?.ended;
  if (cut?.beyond === "refused") {
    response.writeHead(403, { "access-control-allow-origin": "*", "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: "link_expired", message: "This link has expired." } }));
    return;
  }
  const headers = { ...request.headers, host: new URL(world.url).host };
  const onward = forward(`${world.url}${request.url}`, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}

/** Cuts a video at the relay. @returns its address there, and what tells the end. */
async function cutOff(address: string, beyond: Cut["beyond"]) {
  // As the simulator's clip, without the box at its end that makes each unique: a browser would ask for that first.
  const file = await readFile(join(root, "src/simulator/clips/1080P-6.mp4"));
  const { pathname, search } = new URL(address);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  cuts.set(`${pathname}${search}`, { beyond, file, kept: Math.floor(file.byteLength * 0.6), ended });
  return { end, address: `${relayUrl}${pathname}${search}` };
}

/** Starts it, sets what a visitor may have set, and stops it again if it is to stand still. */
async function begin({ video }: Opened, plays: boolean) {
  await video.evaluate(async (player: HTMLVideoElement, plays) => {
    player.muted = true;
    await player.play();
    [player.volume, player.playbackRate] = [0.3, 1.5];
    player.currentTime = 1;
    await new Promise((resolve) => player.addEventListener("seeked", resolve, { once: true }));
    if (!plays) player.pause();
  }, plays);
}

describe("a link that ends while the page is open", () => {
  /** Opens a page with a link that is refused from `end` on, when the page's clock is past its time, too. */
  async function openLink(attributes: string) {
    const { fileId } = await ordered({ resolution: "1080P" });
    const { end, address: link } = await cutOff(await linkTo(fileId), "refused");
    const opened = await open(
      `<filmgate-video src="${escaped(link)}" title="Waves" ${attributes}></filmgate-video>`,
      { fakeClock: true },
    );
    await untilPlayable(opened);
    const pass = (ms: number) => opened.page.clock.fastForward(ms);
    const lifeMs = Number(new URL(link).searchParams.get("exp")) * 1000 - Date.now();
    return { ...opened, fileId, link, end, pass, lifeMs };
  }
  const renewals = ({ gateway }: Opened) => gateway().filter((one) => one.includes("/download/")).length;

  it("is renewed with the key when playing comes to what is refused, and goes on as it was", async () => {
    const opened = await openLink(`publishable-key="${key}"`);
    await begin(opened, true);
    expect(renewals(opened)).toBe(0);
    await opened.pass(opened.lifeMs);
    opened.end();
    await poll(async () => (await stateOf(opened)).at).toBeGreaterThan(4.5);
    const state = await stateOf(opened);
    expect(state).toMatchObject({ paused: false, rate: 1.5, muted: true });
    expect(state.volume).toBeCloseTo(0.3);
    expect(state.src).not.toBe(opened.link);
    expect(renewals(opened)).toBe(1);
    expect((await opened.heard()).map(([type]) => type)).toEqual(["ready"]);
    await opened.close();
  });

  it("is renewed when somebody seeks past it, though the browser tells no error, and stands still there", async () => {
    const opened = await openLink(`publishable-key="${key}"`);
    await begin(opened, false);
    await opened.pass(opened.lifeMs);
    await opened.video.evaluate((player: HTMLVideoElement) => {
      player.currentTime = 5;
    });
    await poll(async () => (await stateOf(opened)).src !== opened.link).toBe(true);
    await poll(async () => (await stateOf(opened)).readyState).toBeGreaterThanOrEqual(2);
    expect(await stateOf(opened)).toMatchObject({ at: 5, paused: true, rate: 1.5 });
    expect(opened.problems).toEqual([]);
    opened.end();
    await opened.close();
  });

  it("is renewed before its end, and what plays from its buffer is not disturbed", async () => {
    const opened = await openLink(`publishable-key="${key}"`);
    await begin(opened, false);
    await opened.pass(opened.lifeMs - 5000);
    await poll(() => renewals(opened)).toBe(1);
    await opened.pass(10_000);
    const seek = (to: number) =>
      opened.video.evaluate((player: HTMLVideoElement, to) => {
        player.currentTime = to;
      }, to);
    await seek(0.5);
    await poll(async () => (await stateOf(opened)).readyState).toBeGreaterThanOrEqual(2);
    expect(await stateOf(opened)).toMatchObject({ at: 0.5, src: opened.link });
    await seek(5);
    await poll(async () => (await stateOf(opened)).src).not.toBe(opened.link);
    await poll(async () => (await stateOf(opened)).at).toBe(5);
    expect(renewals(opened)).toBe(1);
    opened.end();
    await opened.close();
  });

  it("is left to the page where there is no key: another link of the same video takes over its place", async () => {
    const opened = await openLink("");
    await opened.page.evaluate(
      (fresh) => {
        addEventListener("filmgate-expired", (event) => {
          event.preventDefault();
          setTimeout(() => (event.target as HTMLElement).setAttribute("src", fresh), 300);
        });
      },
      await linkTo(opened.fileId, 600),
    );
    await begin(opened, true);
    opened.end();
    await poll(async () => (await opened.heard()).length).toBe(2);
    await opened.pass(300);
    await poll(async () => (await stateOf(opened)).at).toBeGreaterThan(4.5);
    expect(await stateOf(opened)).toMatchObject({ paused: false, rate: 1.5 });
    expect((await opened.heard()).map(([type]) => type)).toEqual(["ready", "expired"]);
    await opened.close();
  });

  it("is said decently where nobody renews it, beside the picture where it stopped", async () => {
    const opened = await openLink("");
    await begin(opened, true);
    opened.end();
    await poll(() => opened.words.innerText()).toContain("link to this video has ended");
    expect(await opened.video.isVisible()).toBe(true);
    expect((await opened.heard()).map(([type]) => type)).toEqual(["ready", "expired", "unavailable"]);
    const place = (await stateOf(opened)).at;
    expect(place).toBeGreaterThan(1);
    const fresh = await linkTo(opened.fileId, 600);
    await opened.element.evaluate((element, src) => element.setAttribute("src", src), fresh);
    await poll(async () => (await stateOf(opened)).src).toBe(fresh);
    await poll(async () => (await stateOf(opened)).at).toBeGreaterThanOrEqual(place - 0.1);
    await opened.close();
  });

  it("has ended before it is played: it is renewed first, or asked of the page", async () => {
    const { fileId } = await ordered({});
    const ended = (await linkTo(fileId)).replace(/exp=\d+/, "exp=1000000000");
    const renewed = await open(
      `<filmgate-video src="${escaped(ended)}" publishable-key="${key}"></filmgate-video>`,
    );
    await untilPlayable(renewed);
    expect(renewed.problems).toEqual([]);
    await renewed.close();
    const left = await open(`<filmgate-video src="${escaped(ended)}"></filmgate-video>`);
    await poll(() => left.words.innerText()).toContain("has ended");
    await left.close();
  });
});

describe("another source", () => {
  it("of the same video keeps the place and the focus, of another begins anew", async () => {
    const [one, other] = [await ordered(), await ordered()];
    const opened = await open(`<filmgate-video src="${one.url}"></filmgate-video>`);
    await untilPlayable(opened);
    await begin(opened, false);
    await opened.video.focus();
    const set = (src: string) =>
      opened.element.evaluate((element, src) => {
        (element as FilmgateVideo).src = src;
      }, src);
    await set(await linkTo(one.fileId));
    expect((await stateOf(opened)).at).toBeCloseTo(1, 1);
    await set(other.url);
    await poll(async () => (await stateOf(opened)).src).toBe(other.url);
    await untilPlayable(opened);
    expect((await stateOf(opened)).at).toBe(0);
    expect(
      await opened.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName),
    ).toBe("video");
    expect(opened.problems).toEqual([]);
    await opened.close();
  });
});

describe("a video that is not there", () => {
  it.each([
    [
      "was taken down before",
      (made: { taskId: string }) => world.call("DELETE", `/v1/videos/${made.taskId}/publish`),
    ],
    ["was deleted", (made: { taskId: string }) => world.call("DELETE", `/v1/videos/${made.taskId}`)],
  ])("%s: a sentence, and no player", async (_title, end) => {
    const made = await ordered();
    await end(made);
    const opened = await open(`<filmgate-video src="${made.url}" poster="/poster.jpg"></filmgate-video>`);
    await poll(() => opened.words.innerText()).toBe("This video is no longer available.");
    expect(await opened.video.isVisible()).toBe(false);
    expect(await opened.heard()).toEqual([["unavailable", { fileId: made.fileId, reason: "removed" }]]);
    // The browser notes the one answer; we say nothing.
    expect(opened.problems.filter((one) => !one.includes("status of 404"))).toEqual([]);
    expect(opened.gateway().length).toBe(1);
    await opened.close();
  });

  it("is taken down while it plays: what is there plays out, then the sentence takes the focus along", async () => {
    const made = await ordered({ resolution: "1080P", publish: {} });
    const { end, address } = await cutOff(made.url, "asked of the gateway");
    const opened = await open(`<filmgate-video src="${address}"></filmgate-video>`);
    await untilPlayable(opened);
    await begin(opened, true);
    await opened.video.focus();
    await world.call("DELETE", `/v1/videos/${made.taskId}/publish`);
    const place = (await stateOf(opened)).at;
    expect(await opened.words.innerText()).toBe("");
    end();
    await poll(() => opened.words.innerText()).toContain("no longer available");
    expect(place).toBeGreaterThanOrEqual(1);
    expect(await opened.video.isVisible()).toBe(false);
    expect(
      await opened.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className),
    ).toContain("edge");
    await opened.close();
  });

  it("may not be shown by this site: its visitors are told, and its author", async () => {
    const { url } = await ordered({ publish: { origins: ["https://site.example"] } });
    const opened = await open(`<filmgate-video src="${url}"></filmgate-video>`);
    await poll(() => opened.words.innerText()).toBe("This video may not be shown on this site.");
    expect(opened.problems.join()).toContain("exact origins");
    await opened.close();
  });

  it.each(["by its button", "by itself when the network is back"])(
    "cannot be reached: it is tried again %s, with the focus kept",
    async (way) => {
      const { url } = await ordered();
      const away = (page: Page) => page.route(/\/v\//, (route) => route.abort("internetdisconnected"));
      const opened = await open(`<filmgate-video src="${url}"></filmgate-video>`, { prepare: away });
      const retry = opened.element.getByRole("button", { name: "Try again" });
      await retry.focus();
      await opened.page.keyboard.press("Enter");
      await poll(() => opened.gateway().length).toBe(2);
      await poll(() => retry.isVisible()).toBe(true);
      await opened.page.unroute(/\/v\//);
      if (way === "by its button") await opened.page.keyboard.press("Enter");
      else await opened.page.evaluate(() => dispatchEvent(new Event("online")));
      await untilPlayable(opened);
      expect(
        await opened.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.localName),
      ).toBe("video");
      await opened.close();
    },
  );
});

describe("the look", () => {
  it.each([
    [1000, "light"],
    [390, "dark"],
  ] as const)("at %i px in %s: axe finds nothing in any state", async (width, colorScheme) => {
    const there = await ordered({ publish: { title: "Waves at sunset" } });
    const gone = await ordered();
    await world.call("DELETE", `/v1/videos/${gone.taskId}/publish`);
    const waiting = await order("stall");
    const failed = await order("fail=1027");
    await world.untilOver(failed.taskId);
    const ended = (await linkTo(there.fileId)).replace(/exp=\d+/, "exp=1000000000");
    const states: Record<string, [string, RegExp | null]> = {
      far: [`<filmgate-video class="far" src="${there.url}" poster="/poster.jpg"></filmgate-video>`, null],
      ready: [`<filmgate-video src="${there.url}" title="Waves"></filmgate-video>`, null],
      waiting: [`<filmgate-video src="${waiting.url}"></filmgate-video>`, /still being made/],
      "waiting-poster": [
        `<filmgate-video src="${waiting.url}" poster="/poster.jpg"></filmgate-video>`,
        /still being made/,
      ],
      progress: [
        `<filmgate-video src="${waiting.url}" publishable-key="${key}"></filmgate-video>`,
        /making it, usually/,
      ],
      "progress-poster": [
        `<filmgate-video src="${waiting.url}" publishable-key="${key}" poster="/poster.jpg"></filmgate-video>`,
        /making it, usually/,
      ],
      "progress-portrait": [
        `<filmgate-video class="portrait" src="${waiting.url}" publishable-key="${key}" ratio="9/16"></filmgate-video>`,
        /making it, usually/,
      ],
      removed: [`<filmgate-video src="${gone.url}"></filmgate-video>`, /no longer available/],
      failed: [`<filmgate-video src="${failed.url}"></filmgate-video>`, /could not be made/],
      ended: [`<filmgate-video src="${escaped(ended)}" poster="/poster.jpg"></filmgate-video>`, /has ended/],
      unreachable: [`<filmgate-video src="${there.url}"></filmgate-video>`, /could not be loaded/],
    };
    for (const [name, [markup, words]] of Object.entries(states)) {
      const prepare = async (page: Page) => {
        if (name === "unreachable") await page.route(/\/v\//, (route) => route.abort());
      };
      const opened = await open(markup, { viewport: { width, height: 700 }, colorScheme, prepare });
      if (words === null && name === "ready") await untilPlayable(opened);
      if (words !== null) await poll(() => opened.words.innerText()).toMatch(words);
      if (name === "far") await opened.element.scrollIntoViewIfNeeded();
      await shot(opened.page, `${name}-${width}-${colorScheme}`);
      await opened.page.evaluate(axe.source);
      const found = await opened.page.evaluate(() =>
        (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run(),
      );
      expect(found.violations.map(({ id, nodes }) => `${name} ${id}: ${nodes[0]?.html}`)).toEqual([]);
      await opened.close();
    }
  });
});
