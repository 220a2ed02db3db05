/**
 * Every page in every state as people see it, in light and dark, on a phone and a desk: to be looked at, in
 * `screenshots/`. A real Chromium, the real Worker, and the simulator as MiniMax. To add a state is to add a row.
 * `npm run screenshots -- reel making` takes only shots whose names contain one of the words.
 */

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { Filmgate } from "../src/client/filmgate.ts";
import "../src/embed/filmgate-video.ts";
import { startSimulator } from "../src/simulator/server.ts";
import { startChromium } from "../test/browser/chromium.ts";
import { freePort } from "./free-port.ts";
import { localSettings, makeKey, root, settingsFor, startWorker } from "./worker.ts";

const speed = 10;
const looks = [390, 1280].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, scheme })),
);
const prompts = {
  waves: "Ocean waves crash on a sandy beach at sunset, the camera drifts along the waterline [Truck left]",
  birds: "Ink falls into clear water and opens into a flock of birds [Static shot]",
  keeper: "A lighthouse keeper climbs the stairs with a lantern, a storm outside [Tracking shot]",
  tram: "A yellow tram climbs a steep street in Lisbon in the morning",
};

type World = {
  url: string;
  simulatorUrl: string;
  /** Clients of accounts that have nothing in common. */
  fresh: Filmgate;
  studio: Filmgate;
  keys: { fresh: string; studio: string; capped: string };
  /** The address of a page of another site with this markup in it. */
  pageWith: (markup: string) => string;
  /** A key for that site's pages. */
  pageKey: string;
};
type Shot = {
  name: string;
  path: string | ((arranged: string) => string);
  /** Whose key the tab has; null for none. */
  as?: keyof World["keys"];
  /** Brings the state about, once for all looks. */
  arrange?: (world: World) => Promise<string>;
  /** Before the page is opened. */
  prepare?: (page: Page) => Promise<unknown>;
  /** What a person does to see it. */
  act?: (page: Page, arranged: string) => Promise<void>;
  isWhole?: boolean;
};

const picture = join(root, "scripts", "first-frame.jpg");
const strip = (page: Page, least: number) =>
  page.waitForFunction(
    (value) => Number(document.querySelector(".take .strip")?.getAttribute("aria-valuenow")) >= value,
    least,
  );
const order = (client: Filmgate, prompt: string, more: object = {}) =>
  client.video.create({ model: "MiniMax-Hailuo-2.3", prompt, ...more }).then(({ task_id }) => task_id);
/** Makes the simulator misbehave for orders with these words. */
const scenario = ({ simulatorUrl }: World, match: string, words: string) =>
  fetch(`${simulatorUrl}/simulator/scenarios`, {
    method: "POST",
    body: JSON.stringify({ match, scenario: words }),
  });
const limit = ({ simulatorUrl }: World, requestsPerMinute: number | null) =>
  fetch(`${simulatorUrl}/simulator/settings`, { method: "PUT", body: JSON.stringify({ requestsPerMinute }) });
const write = async (page: Page, prompt: string) => page.getByLabel("Prompt", { exact: true }).fill(prompt);
/** Puts the newest into the gate. */
const open = async (page: Page, name: string) =>
  page
    .getByRole("button", { name: `Into the gate: ${name}` })
    .first()
    .click();

const shots: Shot[] = [
  { name: "key", path: "/" },
  {
    name: "key-refused",
    path: "/",
    act: async (page) => {
      await page.getByLabel("API key").fill("mql_default_0123456789012345678901234567890123456789");
      await page.keyboard.press("Enter");
      await page.locator("#key-problem:not(:empty)").waitFor();
    },
  },
  { name: "empty", path: "/", as: "fresh", isWhole: true },
  {
    name: "composing",
    path: "/",
    as: "fresh",
    act: async (page) => {
      await page.locator('input[type="file"]').first().setInputFiles(picture);
      await page.getByText("720 × 1280").waitFor();
      await write(page, prompts.waves);
      await page.getByRole("radio", { name: "10 s" }).check();
    },
    isWhole: true,
  },
  {
    name: "models",
    path: "/",
    as: "fresh",
    act: async (page) => {
      await page.locator('input[type="file"]').first().setInputFiles(picture);
      await page.locator(".models summary").click();
      await page.getByRole("switch", { name: /Publish at once/ }).check();
    },
    isWhole: true,
  },
  {
    name: "h3",
    path: "/",
    as: "fresh",
    act: async (page) => {
      await write(page, prompts.waves);
      await page.locator(".models summary").click();
      await page.locator(".model", { hasText: "MiniMax-H3" }).first().click();
      await page.locator(".models summary").click();
      await page.getByRole("radio", { name: "12" }).check();
      await page.getByRole("radio", { name: "9:16" }).check();
    },
    isWhole: true,
  },
  {
    name: "refused",
    path: "/",
    as: "capped",
    act: async (page) => {
      await write(page, `${prompts.keeper}, and blood`);
      await page.keyboard.press("Control+Enter");
      await page.locator(".composer .problem:not(:empty)").first().waitFor();
    },
  },
  {
    name: "unanswered",
    path: "/",
    as: "fresh",
    act: async (page) => {
      await page.route("**/v1/videos/generations", (route) => route.abort("connectionreset"));
      await write(page, prompts.tram);
      await page.keyboard.press("Control+Enter");
      await page.getByRole("button", { name: "Ask again" }).waitFor();
    },
  },
  {
    name: "queueing",
    path: "/",
    as: "fresh",
    arrange: async (world) => {
      await limit(world, 0);
      await Promise.all([order(world.fresh, prompts.tram), order(world.fresh, prompts.keeper)]);
      return order(world.fresh, prompts.birds);
    },
    act: async (page) => {
      await page
        .getByText(/in the queue, \d/)
        .first()
        .waitFor();
    },
  },
  {
    name: "making",
    path: "/",
    as: "studio",
    arrange: async (world) => {
      await limit(world, null);
      return order(world.studio, prompts.waves);
    },
    act: async (page) => {
      await strip(page, 35);
    },
  },
  {
    name: "playing",
    path: "/",
    as: "studio",
    arrange: async ({ studio }) => {
      const { data } = await studio.video.list({ limit: 1 });
      const id = String(data[0]?.id);
      await studio.video.queryAndWait(id);
      return id;
    },
    act: async (page) => {
      await open(page, prompts.waves.slice(0, 20));
      await page.waitForFunction(
        () => (document.querySelector<HTMLVideoElement>(".frame video")?.currentTime ?? 0) > 0.4,
      );
    },
    isWhole: true,
  },
  {
    name: "publishing",
    path: "/",
    as: "studio",
    act: async (page) => {
      await open(page, prompts.waves.slice(0, 20));
      await page
        .locator(".take")
        .getByRole("button", { name: /^Publish/ })
        .first()
        .click();
    },
    isWhole: true,
  },
  {
    name: "embed",
    path: "/",
    as: "studio",
    arrange: async ({ studio }) => {
      const id = await order(studio, prompts.tram, { publish: { title: "Up the hill" }, duration: 10 });
      await studio.video.queryAndWait(id);
      return id;
    },
    act: async (page) => {
      await open(page, "Up the hill");
      await page.getByRole("radio", { name: "Embed" }).check();
    },
    isWhole: true,
  },
  {
    name: "deleting",
    path: "/",
    as: "studio",
    act: async (page) => {
      await open(page, "Up the hill");
      await page.locator(".take").getByRole("button", { name: "Delete" }).click();
    },
  },
  {
    name: "failed",
    path: "/",
    as: "studio",
    arrange: async (world) => {
      await scenario(world, "lighthouse", "fail=1027");
      const id = await order(world.studio, prompts.keeper);
      await world.studio.video.queryAndWait(id).catch(() => {});
      return id;
    },
    act: (page) => open(page, "A lighthouse"),
  },
  {
    name: "reel",
    path: "/",
    as: "studio",
    arrange: async ({ studio }) => {
      const image = await studio.video.uploadImage(new Uint8Array(await readFile(picture)));
      const ids = [
        await order(studio, prompts.birds, { resolution: "1080P" }),
        await order(studio, "The hills drift by", {
          first_frame_image: image.id,
          model: "MiniMax-Hailuo-2.3-Fast",
        }),
      ];
      await Promise.all(ids.map((id) => studio.video.queryAndWait(id)));
      const cancelled = await order(studio, "A kettle that whistles a waltz");
      await studio.video.delete(cancelled);
      await order(studio, "Snow falls upwards over a frozen lake", { resolution: "1080P" });
      return "";
    },
    act: async (page) => {
      await page.getByRole("heading", { name: "Your videos" }).scrollIntoViewIfNeeded();
      await page.evaluate(() => document.querySelector(".below")?.scrollIntoView());
      await page.waitForTimeout(1500);
    },
  },
  {
    name: "usage",
    path: "/",
    as: "capped",
    act: async (page) => {
      await page.locator("#money").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "player-ready",
    path: (page) => page,
    arrange: async ({ studio }) => {
      const { data } = await studio.video.list({ status: "completed" });
      return String(data.find(({ publication }) => publication !== null)?.publication?.page_url);
    },
  },
  {
    name: "player-making",
    path: (page) => page,
    arrange: async ({ studio }) => {
      const { publication } = await studio.video.create({
        model: "MiniMax-Hailuo-2.3",
        prompt: "A slow river",
        resolution: "1080P",
        publish: { title: "A slow river" },
      });
      return String(publication?.page_url);
    },
  },
  {
    name: "player-failed",
    path: (page) => page,
    arrange: async ({ studio }) => {
      const { task_id, publication } = await studio.video.create({
        model: "MiniMax-Hailuo-2.3",
        prompt: prompts.keeper,
        take: 2,
        publish: { title: "The keeper" },
      });
      await studio.video.queryAndWait(task_id).catch(() => {});
      return String(publication?.page_url);
    },
  },
  { name: "player-down", path: "/v/file_00000000000000000000000000" },
  {
    name: "component-ready",
    path: (page) => page,
    arrange: async ({ studio, pageWith }) => {
      const { data } = await studio.video.list({ status: "completed" });
      const address = data.find(({ publication }) => publication !== null)?.publication?.url;
      return pageWith(`<filmgate-video src="${address}"></filmgate-video>`);
    },
    act: untilPlayable,
  },
  {
    name: "component-waiting",
    path: (page) => page,
    arrange: async (world) =>
      world.pageWith(`<filmgate-video src="${await making(world)}"></filmgate-video>`),
    act: (page) => untilSaid(page, /being made/),
  },
  {
    name: "component-progress",
    path: (page) => page,
    arrange: async (world) =>
      world.pageWith(
        `<filmgate-video src="${await making(world)}" publishable-key="${world.pageKey}"></filmgate-video>`,
      ),
    act: (page) => untilSaid(page, /MiniMax is making it/),
  },
  {
    name: "component-progress-poster",
    path: (page) => page,
    arrange: async (world) => {
      const image = await world.studio.video.uploadImage(await readFile(picture));
      const address = await making(world, { first_frame_image: image.id });
      return world.pageWith(
        `<filmgate-video ratio="9/16" src="${address}" publishable-key="${world.pageKey}"></filmgate-video>`,
      );
    },
    act: (page) => untilSaid(page, /MiniMax is making it/),
  },
  {
    name: "component-removed",
    path: (page) => page,
    arrange: async ({ url, pageWith }) =>
      pageWith(`<filmgate-video src="${url}/v/file_00000000000000000000000000.mp4"></filmgate-video>`),
    act: (page) => untilSaid(page, /./),
  },
  {
    name: "component-ended",
    path: (page) => page,
    arrange: async ({ studio, pageWith }) => {
      const { data } = await studio.video.list({ status: "completed" });
      const link = await studio.video.downloadVideo(String(data[0]?.file_id));
      return pageWith(
        `<filmgate-video src="${link.download_url.replaceAll("&", "&amp;")}"></filmgate-video>`,
      );
    },
    // What the gateway says of a link whose time is over.
    prepare: (page) =>
      page.route("**/files/**", (route) =>
        route.fulfill({
          status: 403,
          headers: { "access-control-allow-origin": "*" },
          json: { error: { message: "The link has expired.", code: "link_expired" } },
        }),
      ),
    act: (page) => untilSaid(page, /./),
  },
  { name: "docs", path: "/docs" },
];

/** A video that is still being made when it is looked at, by the address that it will have. */
async function making({ studio }: World, more: object = {}): Promise<string> {
  const { publication } = await studio.video.create({
    model: "MiniMax-Hailuo-2.3",
    prompt: `A slow river ${crypto.randomUUID()}`,
    publish: { title: "A slow river" },
    ...more,
    resolution: "1080P",
  });
  return String(publication?.url);
}

async function untilPlayable(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector("filmgate-video")?.video.readyState ?? 0) > 1);
}

async function untilSaid(page: Page, words: RegExp): Promise<void> {
  await page.locator("filmgate-video [role=status]").getByText(words).first().waitFor();
}

const folder = join(root, "screenshots");
const words = process.argv.slice(2);
const wanted = shots.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const storage = await mkdtemp(join(tmpdir(), "filmgate-screenshots-"));
/** A site of somebody's: its pages are the markup that their address names. */
const site = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://site.invalid");
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
    <title>A page</title><link rel="icon" href="data:,">
    <style>:root { color-scheme: light dark } body { margin: 0 auto; padding: 24px; max-width: 640px;
    font: 1rem/1.5 system-ui, sans-serif } filmgate-video[ratio] { max-width: 240px }</style>
    <script type="module" src="${searchParams.get("gateway")}/embed.js"></script>
    <h1>A page</h1>${searchParams.get("markup")}<p>The text goes on below the video.</p></html>`);
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
const simulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
let browser: Browser | undefined;
try {
  const port = await freePort();
  const worker = await startWorker({
    port,
    persistTo: storage,
    vars: settingsFor(simulator.url, speed, port),
  });
  try {
    browser = await startChromium();
    await mkdir(folder, { recursive: true });
    const world = await worldAt(worker.url);
    // What later shots look at is made by earlier ones, so all are arranged, in order.
    for (const shot of shots.slice(0, shots.lastIndexOf(wanted.at(-1) as Shot) + 1)) {
      const arranged = (await shot.arrange?.(world)) ?? "";
      if (wanted.includes(shot)) await Promise.all(looks.map((look) => take(world, shot, arranged, look)));
    }
  } finally {
    await browser?.close();
    await worker.process.stop();
  }
} finally {
  site.close();
  await simulator.close();
  await rm(storage, { recursive: true, force: true });
}

async function worldAt(url: string): Promise<World> {
  const keys = {
    fresh: "",
    studio: await makeKey(url, "laptop"),
    capped: "",
  };
  const admin = (path: string, body: object) =>
    fetch(`${url}/v1/admin/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${localSettings.ADMIN_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  for (const name of ["fresh", "capped"])
    await admin("accounts", { name, caps: name === "capped" ? { usd_per_day: 1, usd_per_month: 20 } : {} });
  keys.fresh = await makeKey(url, "laptop", "fresh");
  keys.capped = await makeKey(url, "site", "capped");
  const clientOf = (apiKey: string) => new Filmgate({ apiKey, baseUrl: url });
  const forPages = { name: "pages", kind: "publishable", origins: [siteUrl] };
  const { key: pageKey } = (await (await admin("keys", forPages)).json()) as { key: string };
  const capped = clientOf(keys.capped);
  await order(capped, prompts.waves);
  await order(capped, prompts.birds, { resolution: "1080P" });
  const world = {
    url,
    simulatorUrl: simulator.url,
    keys,
    pageKey,
    pageWith: (markup: string) => `${siteUrl}/?${new URLSearchParams({ gateway: url, markup })}`,
    fresh: clientOf(keys.fresh),
    studio: clientOf(keys.studio),
  };
  await scenario(world, "and blood", "refuse=1026");
  return world;
}

async function take(world: World, shot: Shot, arranged: string, look: (typeof looks)[number]): Promise<void> {
  const { width, scheme } = look;
  const context = await (browser as Browser).newContext({
    viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme: scheme,
    deviceScaleFactor: width < 600 ? 2 : 1,
    hasTouch: width < 600,
  });
  const key = shot.as === undefined ? null : world.keys[shot.as];
  if (key !== null)
    await context.addInitScript((value) => sessionStorage.setItem("filmgate.key", value), key);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`${shot.name}: ${error}`));
  const path = typeof shot.path === "string" ? shot.path : shot.path(arranged);
  const name = `${shot.name}-${width}-${scheme}.png`;
  try {
    await shot.prepare?.(page);
    await page.goto(new URL(path, world.url).href);
    if (key !== null) await page.locator(".reel .sheet > *, .reel .empty:not([hidden])").first().waitFor();
    await shot.act?.(page, arranged);
    await page.waitForTimeout(300);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
  await page.screenshot({ path: join(folder, name), fullPage: shot.isWhole === true });
  console.log(`screenshots/${name}`);
  await context.close();
}
