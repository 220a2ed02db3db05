/** Publishing over the wire: settings and refusals, an address that is known before the video is, and take-downs. */

import { beforeAll, describe, expect, it } from "vitest";
import type { CreateVideoResponse, Publication, Video } from "../../src/contract.ts";
import { fileIdOf, taskIdFrom } from "../../src/domain/ids.ts";
import { adminKey, bearer, call, makeKey, origin, post, readError } from "./worker.ts";

let key = "";
let other = "";
let publishable = "";
beforeAll(async () => {
  key = (await makeKey("publishing")).key;
  other = (await makeKey("publishing-others")).key;
  const made = await call("/v1/admin/keys", {
    method: "POST",
    headers: bearer(adminKey),
    body: JSON.stringify({ name: "page", account: "publishing", kind: "publishable" }),
  });
  publishable = ((await made.json()) as { key: string }).key;
});

const anOrder = () => ({ model: "MiniMax-Hailuo-2.3", prompt: `Waves ${crypto.randomUUID()}` });
async function order(fields: Record<string, unknown> = {}): Promise<CreateVideoResponse> {
  const response = await post("/v1/videos/generations", key, JSON.stringify({ ...anOrder(), ...fields }));
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json();
}
const publish = (id: string, body: unknown, as = key) =>
  post(`/v1/videos/${id}/publish`, as, JSON.stringify(body));
const ask = (id: string, as = key) => call(`/v1/videos/${id}/publish`, { headers: bearer(as) });
const takeDown = (id: string, as = key) =>
  call(`/v1/videos/${id}/publish`, { method: "DELETE", headers: bearer(as) });
const visit = (id: string) => call(`/v/${fileIdOf(id)}.mp4`);

describe("publishing", () => {
  it("tells the address before the video is made, which says that it is being made", async () => {
    const { id } = await order();
    const settings = {
      origins: ["https://Site.example"],
      title: "Waves",
      alt: "Waves",
      expires_at: 4_100_000_000,
    };
    const response = await publish(id, settings);
    expect(response.status).toBe(200);
    const publication = (await response.json()) as Publication;
    const url = `${origin}/v/${fileIdOf(id)}.mp4`;
    expect(publication).toEqual({
      ...settings,
      object: "publication",
      id,
      file_id: fileIdOf(id),
      url,
      page_url: `${origin}/v/${fileIdOf(id)}`,
      poster_url: null,
      oembed_url: `${origin}/oembed?url=${encodeURIComponent(`${origin}/v/${fileIdOf(id)}`)}`,
      embed_html: `<video controls playsinline preload="metadata" aria-label="Waves" src="${url}"></video>`,
      state: "making",
      origins: ["https://site.example"],
    });
    expect(await (await ask(id)).json()).toEqual(publication);
    const video = (await (await call(`/v1/videos/${id}`, { headers: bearer(key) })).json()) as Video;
    expect(video.publication).toEqual(publication);
    const there = await visit(id);
    expect([there.status, there.headers.get("retry-after")]).toEqual([404, "5"]);
    expect(await readError(there)).toMatchObject({ code: "publication_making" });
  });

  it("again takes all settings anew, and keeps the address", async () => {
    const { id } = await order();
    const first = (await (await publish(id, { title: "One", alt: "A wave" })).json()) as Publication;
    const second = (await (await publish(id, { title: "Two" })).json()) as Publication;
    expect(second).toMatchObject({ url: first.url, title: "Two", alt: null });
  });

  it("at the create is told with it, and known at once", async () => {
    const { id, publication } = await order({ publish: { title: "At once" } });
    expect(publication).toMatchObject({ object: "publication", id, state: "making", title: "At once" });
    expect(await readError(await visit(id))).toMatchObject({ code: "publication_making" });
  });

  it("is left out of a create that does not ask for it, and null on its video", async () => {
    const created = await order();
    expect(created).not.toHaveProperty("publication");
    const video = (await (await call(`/v1/videos/${created.id}`, { headers: bearer(key) })).json()) as Video;
    expect(video.publication).toBeNull();
    expect((await ask(created.id)).status).toBe(404);
  });

  it("is not changed by an order that joins: it names what it could not have", async () => {
    const same = anOrder();
    const first = await order({ ...same, publish: { title: "One" } });
    const second = await order({ ...same, publish: { title: "Two" } });
    expect(second).toMatchObject({ id: first.id, joined: true, ignored_fields: ["publish"] });
    expect(second.publication).toEqual(first.publication);
    expect((await order({ ...same, publish: { title: "One" } })).ignored_fields).toEqual([]);
    expect((await order(same)).ignored_fields).toEqual([]);
  });

  it("is not brought back by a repeated create", async () => {
    const same = { ...anOrder(), publish: {} };
    const { id } = await order(same);
    await takeDown(id);
    expect(await order(same)).toMatchObject({ id, joined: true, ignored_fields: ["publish"] });
    expect((await visit(id)).status).toBe(404);
    expect((await ask(id)).status).toBe(404);
  });
});

describe("taking down", () => {
  it("holds when it is answered, may be repeated, and publishing again gives the same address", async () => {
    const { id, publication } = await order({ publish: {} });
    for (let times = 0; times < 2; times++) {
      const response = await takeDown(id);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ id, object: "publication.deleted", deleted: true });
      expect(await readError(await visit(id))).toMatchObject({ code: "not_found" });
    }
    expect(((await (await publish(id, {})).json()) as Publication).url).toBe(publication?.url);
    expect(await readError(await visit(id))).toMatchObject({ code: "publication_making" });
  });

  it("comes with cancelling the video, which is then not published any more", async () => {
    const { id } = await order({ publish: {} });
    await call(`/v1/videos/${id}`, { method: "DELETE", headers: bearer(key) });
    expect(await readError(await visit(id))).toMatchObject({ code: "not_found" });
    const response = await publish(id, {});
    expect(response.status).toBe(410);
    expect(await readError(response)).toMatchObject({ code: "cancelled" });
  });
});

describe("a refusal", () => {
  const bad: [field: string, value: unknown][] = [
    ["origins", "https://site.example"],
    ["origins", []],
    ["origins", Array(21).fill("https://site.example")],
    ["origins.0", ["https://site.example/"]],
    ["origins.0", ["http://site.example"]],
    ["origins.1", ["https://site.example", "*"]],
    ["title", "x".repeat(201)],
    ["title", 1],
    ["alt", "x".repeat(1001)],
    ["expires_at", 1],
    ["expires_at", "2030-01-01"],
  ];
  it.each(bad)("names %s", async (field, value) => {
    const name = field.split(".")[0] ?? "";
    const { id } = await order();
    const response = await publish(id, { [name]: value });
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ code: "invalid_field", param: field });
    expect((await ask(id)).status).toBe(404);
    const atOnce = await post(
      "/v1/videos/generations",
      key,
      JSON.stringify({ ...anOrder(), publish: { [name]: value } }),
    );
    expect(await readError(atOnce)).toMatchObject({ code: "invalid_field", param: `publish.${field}` });
  });

  it("names a field that there is not", async () => {
    const response = await publish((await order()).id, { poster: "x" });
    expect(await readError(response)).toMatchObject({ code: "unknown_field", param: "poster" });
  });

  it.each([publish, ask, takeDown])("is 404 for others, and for what there is not", async (route) => {
    const { id } = await order({ publish: {} });
    const nobody = taskIdFrom(crypto.getRandomValues(new Uint8Array(26)));
    const answers = [
      await (route === publish ? publish(id, {}, other) : (route as typeof ask)(id, other)),
      await (route === publish ? publish(nobody, {}) : (route as typeof ask)(nobody)),
      await (route === publish ? publish("task_x", {}) : (route as typeof ask)("task_x")),
    ];
    for (const answer of answers) expect(answer.status).toBe(404);
    expect((await ask(id)).status).toBe(200);
  });

  it.each([ask, takeDown])("is 403 for a publishable key", async (route) => {
    expect((await route((await order()).id, publishable)).status).toBe(403);
  });
});
