/**
 * docs/serving.md in a real Chromium: the rows that a page of another site can send, a <video> that seeks, and the
 * browser's cache. A recorder in front of the Worker sees what is really asked.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsV4Signer } from "aws4fetch";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localS3 } from "../../scripts/worker.ts";
import { type Addresses, makeAddresses } from "../journeys/serving-addresses.ts";
import { fill, headersOf, promisedBy, type Row, readRows, toldOf } from "../journeys/serving-rows.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";
import { type Recorder, startRecorder } from "./recorder.ts";
import { spread } from "./spread.ts";

/** How long a slow machine may take over what comes by itself. */
const patience = { timeout: 20_000 };

let world: World;
let browser: Browser;
let recorder: Recorder;
let server: Server;
let sites: { site: string; other: string };
let addresses: Addresses;
let body = "";
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  recorder = await startRecorder(world.url);
  server = createServer((_request, response) =>
    // A page that isolates itself shows nothing that does not say it may be shown (COEP, CORP).
    response
      .setHeader("content-type", "text/html")
      .setHeader("cross-origin-embedder-policy", "require-corp")
      .end(`<!doctype html><title>A page</title><link rel="icon" href="data:,">${body}`),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // Not only another origin than the Worker's, but another site; and one that is not listed.
  sites = { site: `http://localhost:${port}`, other: `http://127.0.0.1:${port}` };
  addresses = await makeAddresses(world, sites);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  recorder?.stop();
  await world?.stop();
});

let context: BrowserContext;
beforeEach(async () => {
  body = "";
  recorder.setAge(null);
  context = await browser.newContext();
  recorder.take();
});
afterEach(() => context.close());

async function open(site: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${site}/`);
  return page;
}

/** What a page's script gets to see. */
const fetchIn = (page: Page, url: string, init: { method?: string; headers?: object; cache?: string } = {}) =>
  page.evaluate(
    async ([address, options]) => {
      const response = await fetch(address, options as RequestInit);
      const bytes = Array.from(new Uint8Array(await response.arrayBuffer()));
      return { status: response.status, headers: [...response.headers], bytes };
    },
    [url, init] as const,
  );

const ofTheBrowser = /^(?:accept-encoding|access-control-.*)$/;

/** The origin from which a page can send the row; null: none can. */
function senderOf(row: Row): "site" | "other" | null {
  const names = Object.keys(row.request);
  if (row.method === "OPTIONS" || names.some((name) => ofTheBrowser.test(name))) return null;
  const { origin, referer } = row.request;
  if (origin === undefined) return row.address === "limited" || referer !== undefined ? null : "site";
  return origin === "{site}" ? "site" : "other";
}

const safelisted = ["cache-control", "content-type"];

describe("docs/serving.md, asked by a page's script", () => {
  for (const [heading, rows] of readRows()) {
    const sendable = rows.filter((row) => senderOf(row) !== null);
    it(`${heading}: all ${sendable.length} rows that a page can send`, async () => {
      expect(sendable.length).toBeGreaterThan(0);
      const pages = { site: await open(sites.site), other: await open(sites.other) };
      for (const row of sendable) {
        const address = addresses.addressOf(row.address);
        const about = `${row.title}: ${row.method} {${row.address}} ${JSON.stringify(row.request)}`;
        const wanted = Object.entries(row.request).map(([name, value]) => [
          name,
          fill(value, address.values),
        ]);
        const headers = Object.fromEntries(
          wanted.filter(([name]) => name !== "origin" && name !== "referer"),
        ) as Record<string, string>;
        recorder.take();
        const page = pages[senderOf(row) ?? "site"];
        const got = await fetchIn(page, recorder.at(address.url), {
          method: row.method,
          headers,
          cache: "no-store",
        });
        const seen = recorder.take();
        const asked = seen.filter(({ method }) => method !== "OPTIONS");
        expect(asked.length, about).toBe(1);
        expect(asked[0]?.asked, about).toMatchObject(Object.fromEntries(wanted));
        for (const { method, status } of seen) {
          if (method === "OPTIONS") expect(status, `the preflight of ${about}`).toBe(204);
        }
        const answer = {
          status: got.status,
          headers: asked[0]?.answered ?? new Headers(),
          body: Uint8Array.from(got.bytes),
        };
        const promised = promisedBy(row, address, addresses.fileOf(row.address));
        expect(toldOf(answer, row, address), about).toEqual(promised);
        // And what is exposed to scripts they read as it was sent.
        const readable = [...addresses.exposed.split(","), ...safelisted];
        const told = new Headers(got.headers as [string, string][]);
        for (const [name, value] of Object.entries(headersOf(row, address))) {
          if (readable.includes(name)) expect(told.get(name), `${name} of ${about}`).toBe(value);
        }
      }
    });
  }
});

/** Overwrites a stored video with one whose second half lies far behind its first. */
async function spreadStored(fileId: string, file: Uint8Array, gap: number): Promise<Uint8Array> {
  const film = spread(file, 96, gap);
  const s3 = localS3(Number(new URL(world.url).port));
  const signer = new AwsV4Signer({
    method: "PUT",
    url: `${s3.R2_S3_ENDPOINT}/${s3.R2_S3_BUCKET}/videos/${fileId}.mp4`,
    accessKeyId: String(s3.R2_S3_ACCESS_KEY_ID),
    secretAccessKey: String(s3.R2_S3_SECRET_ACCESS_KEY),
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    service: "s3",
    region: "auto",
  });
  const { url, headers } = await signer.sign();
  const answer = await fetch(url, { method: "PUT", headers, body: Buffer.from(film) });
  expect(answer.status, await answer.text()).toBe(200);
  return film;
}

describe("a <video> in a page of another site", () => {
  it("opens, seeks to near the end and back, and asks for ranges that are answered to the byte", async () => {
    const gap = 8 * 1024 * 1024;
    const { body: order } = await world.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: world.prompt("instant"),
    });
    const { file_id } = await world.untilOver(order.task_id);
    const { promised } = await world.download(file_id);
    const stored = new Uint8Array(await (await fetch(promised.download_url)).arrayBuffer());
    const film = await spreadStored(file_id, stored, gap);
    const link = recorder.at(promised.download_url);
    body = `<video muted playsinline preload="metadata" src="${link.replaceAll("&", "&amp;")}"></video>`;
    const video = (await open(sites.site)).locator("video");
    await expect
      .poll(() => video.evaluate((element: HTMLVideoElement) => element.readyState), patience)
      .toBeGreaterThanOrEqual(1);
    const opening = recorder.take();
    expect(opening[0]?.asked.range).toBe("bytes=0-");

    const seek = (to: number) =>
      video.evaluate(async (element: HTMLVideoElement, at: number) => {
        const over = new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
        element.currentTime = at;
        await over;
        const { currentTime, readyState, error } = element;
        return { currentTime, hasPicture: readyState >= 2, error: error?.message ?? null };
      }, to);
    expect(await seek(5.5)).toEqual({ currentTime: 5.5, hasPicture: true, error: null });
    const forward = recorder.take();
    const far = forward.map(({ asked }) => Number(/^bytes=(\d+)-/.exec(String(asked.range))?.[1]));
    expect(Math.max(...far)).toBeGreaterThanOrEqual(gap);
    expect(await seek(0.5)).toEqual({ currentTime: 0.5, hasPicture: true, error: null });

    for (const { asked, status, answered } of [...opening, ...forward, ...recorder.take()]) {
      const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(String(asked.range)) ?? [];
      const last = to === "" ? film.byteLength - 1 : Number(to);
      expect([status, answered.get("content-range"), answered.get("content-length")]).toEqual([
        206,
        `bytes ${from}-${last}/${film.byteLength}`,
        String(last - Number(from) + 1),
      ]);
    }
  });
});

describe("the browser's cache", () => {
  const published = async () => {
    const { body: order } = await world.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: world.prompt("instant"),
      publish: {},
    });
    await world.untilOver(order.task_id);
    const url = String(order.publication?.url);
    await expect.poll(async () => (await fetch(url, { method: "HEAD" })).status, patience).toBe(200);
    return { id: order.task_id, url: recorder.at(url) };
  };
  const takeDown = async (id: string) =>
    expect((await world.call("DELETE", `/v1/videos/${id}/publish`)).status).toBe(200);
  const stateOf = (page: Page) =>
    page
      .locator("video")
      .evaluate((element: HTMLVideoElement) =>
        element.error !== null ? `error ${element.error.code}` : element.readyState > 0 ? "shown" : "waiting",
      );

  it.each(["link", "public"])("a second visit of {%s} within max-age asks nothing", async (word) => {
    const url = recorder.at(addresses.addressOf(word).url);
    const first = await fetchIn(await open(sites.site), url);
    expect(recorder.take()).toHaveLength(1);
    const second = await fetchIn(await open(sites.site), url);
    expect(recorder.take()).toEqual([]);
    expect(second.bytes).toEqual(first.bytes);
  });

  it.each(["link", "public"])("a visit of {%s} after max-age gets 304, and the copy", async (word) => {
    const address = addresses.addressOf(word);
    recorder.setAge(3600);
    const first = await fetchIn(await open(sites.site), recorder.at(address.url));
    recorder.take();
    const second = await fetchIn(await open(sites.site), recorder.at(address.url));
    const [asked, ...more] = recorder.take();
    expect(more).toEqual([]);
    expect([asked?.asked["if-none-match"], asked?.status]).toEqual([address.values.etag, 304]);
    expect([second.status, second.bytes]).toEqual([200, first.bytes]);
  });

  it("a <video> that was played is played again without asking", async () => {
    body = `<video muted playsinline preload="auto" src="${recorder.at(addresses.addressOf("public").url)}"></video>`;
    const isThere = (page: Page) =>
      page
        .locator("video")
        .evaluate(
          ({ readyState, buffered, duration }: HTMLVideoElement) =>
            readyState === 4 && buffered.length === 1 && buffered.end(0) === duration,
        );
    const first = await open(sites.site);
    await expect.poll(() => isThere(first), patience).toBe(true);
    expect(recorder.take().at(0)).toMatchObject({ asked: { range: "bytes=0-" }, status: 206 });
    await first.close();
    const second = await open(sites.site);
    await expect.poll(() => isThere(second), patience).toBe(true);
    expect(recorder.take()).toEqual([]);
  });

  it("after a take-down a reload shows nothing, once the copy is five minutes old", async () => {
    const { id, url } = await published();
    body = `<video muted playsinline preload="auto" src="${url}"></video>`;
    recorder.setAge(300);
    const page = await open(sites.site);
    await expect.poll(() => stateOf(page), patience).toBe("shown");
    await takeDown(id);
    await page.reload();
    await expect.poll(() => stateOf(page), patience).toBe("error 4");
    expect(recorder.take().at(-1)?.status).toBe(404);
    const told = await fetchIn(page, url);
    expect(told.status).toBe(404);
  });

  it("until then it may show the copy, to those who have one", async () => {
    const { id, url } = await published();
    const first = await fetchIn(await open(sites.site), url);
    await takeDown(id);
    expect(await fetchIn(await open(sites.site), url)).toMatchObject({ status: 200, bytes: first.bytes });
    const stranger = await browser.newContext();
    const page = await stranger.newPage();
    await page.goto(`${sites.site}/`);
    expect((await fetchIn(page, url)).status).toBe(404);
    await stranger.close();
  });
});
