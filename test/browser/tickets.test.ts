/** A visitor of another site's page makes a video with a ticket, in a real Chromium: preflights, Origin and all. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { localSettings } from "../../scripts/worker.ts";
import { Filmgate } from "../../src/client/filmgate.ts";
import type { CreatedApiKey, CreateVideoResponse, MiniMaxStyleError } from "../../src/contract.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

const model = "MiniMax-Hailuo-2.3";
let world: World;
let browser: Browser;
let site: Server;
let origin: string;
let elsewhere: string;
let key: string;

beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "reachable" });
  site = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end('<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">');
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as AddressInfo;
  [origin, elsewhere] = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  const wanted = { name: "a page", kind: "publishable", origins: [origin], tickets: true };
  const owner = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
  ({ key } = (await world.call<CreatedApiKey>("POST", "/v1/admin/keys", wanted, owner)).body);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await world?.stop();
});

async function newTicket(): Promise<string> {
  const server = new Filmgate({ apiKey: world.key, baseUrl: world.url });
  return (await server.createTicket({ model, max_cost_usd: 0.28, origin })).ticket;
}

/** What a page's script does: an order with a ticket, and what it can read of the answer. */
function create(page: Page, ticket: string, prompt: string) {
  return page.evaluate(
    async ([gateway, key, ticket, model, prompt]) => {
      const response = await fetch(`${gateway}/v1/videos/generations`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "filmgate-ticket": ticket ?? "",
        },
        body: JSON.stringify({ model, prompt }),
      });
      const replayed = response.headers.get("idempotent-replayed");
      return { status: response.status, replayed, body: await response.json() };
    },
    [world.url, key, ticket, model, prompt],
  );
}

async function visit(address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  return page;
}

it("one ticket makes one video, however often the page sends it, and the page plays it", async () => {
  const page = await visit(origin);
  const [ticket, prompt] = [await newTicket(), world.prompt("instant")];
  const first = await create(page, ticket, prompt);
  const { task_id } = first.body as CreateVideoResponse;
  expect(first.status).toBe(200);
  const again = await create(page, ticket, prompt);
  expect(again).toMatchObject({ status: 200, replayed: "true", body: { task_id } });
  const other = await create(page, ticket, world.prompt());
  expect([other.status, (other.body as MiniMaxStyleError).code]).toEqual([422, "ticket_used"]);
  await world.untilOver(task_id);
  const seconds = await page.evaluate(
    async ([gateway, key, id]) => {
      const headers = { authorization: `Bearer ${key}` };
      const told = await (await fetch(`${gateway}/v1/videos/${id}`, { headers })).json();
      const video = document.body.appendChild(document.createElement("video"));
      video.muted = true;
      video.src = told.download_url;
      await video.play();
      return video.duration;
    },
    [world.url, key, task_id],
  );
  expect(Math.round(seconds)).toBe(6);
  expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  await page.close();
});

it("a page of another site reads why it may not, and nothing is paid", async () => {
  const page = await visit(elsewhere);
  const prompt = world.prompt("instant");
  const answer = await create(page, await newTicket(), prompt);
  expect([answer.status, (answer.body as MiniMaxStyleError).code]).toEqual([403, "origin_refused"]);
  expect((answer.body as MiniMaxStyleError).error).toContain(elsewhere);
  expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
  await page.close();
});
