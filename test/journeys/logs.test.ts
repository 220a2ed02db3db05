/**
 * What a deployment writes into its log, and keeps of MiniMax's answers: one line an event, enough to find a task, an
 * account or a request by, and nothing that anybody could order, read or embed with.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, makeKey, root } from "../../scripts/worker.ts";
import type { Video, WebhookSecret } from "../../src/contract.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";
type Line = Record<string, unknown> & { event: string };

/** The lines of ours among what workerd and wrangler print. */
function lines(): Line[] {
  return world
    .output()
    .split("\n")
    .map((line) => line.slice(line.indexOf("{")))
    .filter((line) => /^\{"event":/.test(line))
    .map((line) => JSON.parse(line) as Line);
}

/** Where a code path's event names come from. */
const named = [...readFileSync(join(root, "src", "log.ts"), "utf8").matchAll(/^ {2}\| "([a-z_]+)"/gm)].map(
  ([, name]) => String(name),
);

describe("the log", () => {
  it("follows an order from its request to its end, by request, account and task", async () => {
    const prompt = world.prompt("accept-then=drop");
    const created = await world.create({ model, prompt }, { "x-request-id": "request-of-this-test" });
    await world.untilOver(created.body.task_id);
    const own = () => lines().filter(({ task }) => task === created.body.task_id);
    await until(async () => own().some(({ event }) => event === "ended"), "its end was logged");
    expect(own()[0]).toMatchObject({ event: "order", verdict: "admitted", account: "default" });
    for (const line of own())
      expect(line).toMatchObject({ request_id: "request-of-this-test", account: "default" });
    expect(new Set(own().map(({ event }) => event))).toEqual(
      new Set(["order", "submit", "callback", "confirm", "look", "store", "ended"]),
    );
    expect(own().at(-1)).toMatchObject({ event: "ended", status: "succeeded", money: "settled" });
    const look = own().filter(({ event }) => event === "look");
    expect(look.at(-1)).toMatchObject({ answer: "success", trace_id: expect.stringMatching(/\S/) });
  });

  it("tells of refusals by code and route, and of what the owner did", async () => {
    await world.create({ model, prompt: "x", duration: 7 }, { "x-request-id": "refused-request" });
    await makeKey(world.url, "logged");
    await until(async () => lines().some(({ event }) => event === "owner"), "the owner's line is there");
    expect(lines().find(({ request_id }) => request_id === "refused-request")).toMatchObject({
      event: "refused",
      code: "unsupported_combination",
      status: 400,
      param: "duration",
      method: "POST",
      route: "/v1/videos/generations",
      account: "default",
    });
    expect(lines().find(({ action }) => action === "key_made")).toMatchObject({ account: "default" });
  });

  it("has no key, secret, prompt or signature in it, whatever happened", async () => {
    const prompt = world.prompt("file-cut=1 query-http=503x1");
    const { body } = await world.create({
      model,
      prompt,
      webhook_url: "http://127.0.0.1:9/?token=of-the-receiver",
    });
    const over = await world.untilOver(body.task_id);
    const { promised } = await world.download(over.file_id);
    await fetch(promised.download_url.replace(/sig=.{4}/, "sig=AAAA"));
    await fetch(`${world.url}/v1/videos`, { headers: { authorization: `Bearer ${world.key}x` } });
    const { secret } = (await world.call<WebhookSecret>("GET", "/v1/webhooks/secret")).body;
    const output = world.output();
    const [provider] = (await world.ledger(prompt)).tasks as unknown as { callback_url: string }[];
    const callbackSecret = new URL(provider?.callback_url ?? "").searchParams.get("secret") ?? "";
    expect(callbackSecret.length).toBeGreaterThan(40);
    const signature = new URL(promised.download_url).searchParams.get("sig") ?? "";
    for (const hidden of [
      ...[
        world.key,
        localSettings.ADMIN_KEY,
        localSettings.MINIMAX_API_KEY,
        localSettings.LINK_KEYS.slice(6),
      ],
      ...[secret, secret.slice(6), callbackSecret, signature, prompt, prompt.slice(0, 40), "of-the-receiver"],
    ]) {
      expect(output.includes(hidden), hidden).toBe(false);
    }
  });

  it("knows no event that docs/operating.md does not tell, nor the other way round", () => {
    const page = readFileSync(join(root, "docs", "operating.md"), "utf8");
    const table = /\| event \| means \| do \|\n([\s\S]*?)\n\n/.exec(page)?.[1] ?? "";
    const told = [...table.matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+)/gm)].flatMap(([, names = ""]) =>
      [...names.matchAll(/`([a-z_]+)`/g)].map(([, name]) => String(name)),
    );
    expect([...new Set(told)].sort()).toEqual([...named].sort());
    expect(lines().filter(({ event }) => !named.includes(event))).toEqual([]);
  });
});

describe("what MiniMax answered", () => {
  it("stands on the video for who asks, with its trace ids, and not otherwise", async () => {
    const prompt = world.prompt("refuse=1002x1 file-cut=1");
    const { body } = await world.create({ model, prompt });
    await world.untilOver(body.task_id);
    expect(await world.video(body.task_id)).not.toHaveProperty("events");
    const path = `/v1/videos/${body.task_id}?include=events`;
    const { events = [] } = (await world.call<Video>("GET", path)).body;
    const told = events.map(({ event, answer }) => `${event} ${answer}`);
    expect(told[0]).toBe("submit deferred");
    expect(events[0]).toMatchObject({ code: 1002, trace_id: expect.stringMatching(/\S/) });
    expect(told).toContain("submit accepted");
    expect(told).toContain("look success");
    expect(told.filter((one) => one.startsWith("store"))).toEqual(["store trouble", "store stored"]);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
    expect((await world.call("GET", `/v1/videos/${body.task_id}?include=secrets`)).status).toBe(400);
  });

  it("is not for a publishable key", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("instant") });
    const made = await world.call<{ key: string }>(
      "POST",
      "/v1/admin/keys",
      { name: "page", kind: "publishable" },
      { authorization: `Bearer ${localSettings.ADMIN_KEY}` },
    );
    const authorization = `Bearer ${made.body.key}`;
    const ask = (query: string) =>
      world.call("GET", `/v1/videos/${body.task_id}${query}`, undefined, { authorization });
    expect((await ask("")).status).toBe(200);
    expect(await ask("?include=events")).toMatchObject({
      status: 403,
      body: { error: { code: "publishable_key" } },
    });
  });
});

describe("Server-Timing", () => {
  it("tells of a create how long the account took, and MiniMax", async () => {
    const { headers } = await world.create({ model, prompt: world.prompt("create-delay=300") });
    const timing = headers.get("server-timing") ?? "";
    const took = (name: string) => Number(new RegExp(`\\b${name};dur=([0-9.]+)`).exec(timing)?.[1]);
    expect(took("verdict")).toBeGreaterThanOrEqual(250);
    expect(took("admit")).toBeGreaterThanOrEqual(0);
    expect(took("total")).toBeGreaterThanOrEqual(took("verdict"));
  });
});
