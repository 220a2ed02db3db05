/** A page that is built once: the address of a published video over real sockets, from the order to its end. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import type { OEmbedResponse, Publication } from "../../src/contract.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
let firstFrame: Uint8Array;
beforeAll(async () => {
  firstFrame = await readFile(join(root, "scripts", "first-frame.jpg"));
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

async function order(scenario: string, publish: object | null = {}) {
  const fields = publish === null ? {} : { publish };
  const { body } = await world.create({ model, prompt: world.prompt(scenario), ...fields });
  return { id: body.task_id, url: body.publication?.url ?? "" };
}

async function visit(url: string) {
  const response = await fetch(url);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const told = response.ok
    ? null
    : (JSON.parse(new TextDecoder().decode(bytes)) as { error: { code: string } });
  return {
    status: response.status,
    code: told?.error.code ?? null,
    retryAfter: response.headers.get("retry-after"),
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

const publish = (id: string, settings: object = {}) =>
  world.call<Publication>("POST", `/v1/videos/${id}/publish`, settings);
const takeDown = (id: string) => world.call("DELETE", `/v1/videos/${id}/publish`);
const untilStored = (url: string) =>
  until(async () => (await visit(url)).status === 200, "the address plays");

describe("a video that is published when it is ordered", () => {
  it("has its address at once, asks for patience there, and then plays the very bytes", async () => {
    const { id, url } = await order("late=5");
    expect(await visit(url)).toMatchObject({ status: 404, code: "publication_making", retryAfter: "5" });
    const over = await world.untilOver(id);
    await untilStored(url);
    const { sha256 } = await world.download(over.file_id);
    expect((await visit(url)).sha256).toBe(sha256);
    const { publication } = await world.video(id);
    expect(publication).toMatchObject({ state: "ready", url });
    expect(publication?.embed_html).toContain('width="1366" height="768"');
  });

  it("says at its address that it failed", async () => {
    const { id, url } = await order("fail=1027");
    await world.untilOver(id);
    await until(async () => (await visit(url)).status === 410, "the address says so");
    expect(await visit(url)).toMatchObject({ code: "publication_failed" });
    expect((await world.video(id)).publication).toMatchObject({ state: "failed" });
  });
});

describe("a video from a first frame", () => {
  const framed = async (scenario: string) => {
    const { body } = await world.create({
      ...{ model, prompt: world.prompt(scenario), publish: {} },
      first_frame_image: Buffer.from(firstFrame).toString("base64"),
    });
    const { url = "", page_url: page = "", poster_url: poster = null } = body.publication ?? {};
    return { id: body.task_id, url, page, poster: String(poster) };
  };
  const sha256 = () => createHash("sha256").update(firstFrame).digest("hex");

  it("has it as its poster from the order on, at an address that the video never changes", async () => {
    const { id, url, page, poster } = await framed("late=5");
    expect(poster).toBe(`${page}/poster`);
    expect(await visit(url)).toMatchObject({ status: 404, code: "publication_making" });
    expect(await visit(poster)).toMatchObject({ status: 200, sha256: sha256() });
    expect(await (await fetch(page)).text()).toContain('<img class="frame"');
    await world.untilOver(id);
    await untilStored(url);
    const { publication } = await world.video(id);
    expect(publication?.poster_url).toBe(poster);
    expect(publication?.embed_html).toContain(` poster="${poster}"`);
    const oembed = (await (await fetch(publication?.oembed_url ?? "")).json()) as OEmbedResponse;
    expect(oembed.thumbnail_url).toBe(poster);
    expect(await visit(poster)).toMatchObject({ status: 200, sha256: sha256() });
  });

  it("has none any more when it failed, is taken down, or is deleted", async () => {
    const failed = await framed("fail=1027");
    await world.untilOver(failed.id);
    await until(async () => (await visit(failed.poster)).status === 410, "its poster is gone");
    const made = await framed("instant");
    await world.untilOver(made.id);
    await untilStored(made.url);
    await takeDown(made.id);
    expect(await visit(made.poster)).toMatchObject({ status: 404, code: "not_found" });
    await publish(made.id);
    expect(await visit(made.poster)).toMatchObject({ status: 200, sha256: sha256() });
    await world.call("DELETE", `/v1/videos/${made.id}`);
    expect(await visit(made.poster)).toMatchObject({ status: 404, code: "not_found" });
  });

  it("has it after every process died at once, too", async () => {
    const { poster } = await framed("late=9");
    await world.crash();
    await world.restart();
    await until(async () => (await visit(poster)).sha256 === sha256(), "the poster is there");
  });
});

describe("a published video", () => {
  it("is gone with the answer to its take-down, and back at the same address", async () => {
    const { id, url } = await order("instant");
    await world.untilOver(id);
    await untilStored(url);
    for (let times = 0; times < 3; times++) {
      expect((await takeDown(id)).status).toBe(200);
      expect(await visit(url)).toMatchObject({ status: 404, code: "not_found" });
      expect((await publish(id)).body).toMatchObject({ state: "ready", url });
      expect((await visit(url)).status).toBe(200);
    }
  });

  it("is gone when the video is deleted", async () => {
    const { id, url } = await order("instant");
    await world.untilOver(id);
    await untilStored(url);
    expect((await world.call("DELETE", `/v1/videos/${id}`)).status).toBe(200);
    expect(await visit(url)).toMatchObject({ status: 404, code: "not_found" });
  });

  it("is listed with its publication", async () => {
    const { id } = await order("instant", null);
    await world.untilOver(id);
    await publish(id, { title: "Listed" });
    const listed = async () => {
      const { body } = await world.call<{ data: { id: string; publication: Publication | null }[] }>(
        "GET",
        "/v1/videos",
      );
      return body.data.find((video) => video.id === id)?.publication?.title;
    };
    await until(async () => (await listed()) === "Listed", "the list tells it");
  });
});

describe("when every process dies", () => {
  it("right after the order, the address still comes to play", async () => {
    // MiniMax takes nothing until the address was looked at: however slow the restart is, nothing is stored yet.
    await world.limit(0);
    const { url } = await order("instant");
    await world.crash();
    await world.restart();
    expect(await visit(url)).toMatchObject({ status: 404, code: "publication_making" });
    await world.limit(null);
    await untilStored(url);
  });

  it.each([0, 5, 20])("%i ms after a take-down was asked for, it is never half down", async (afterMs) => {
    const { id, url } = await order("instant");
    await world.untilOver(id);
    await untilStored(url);
    const asked = takeDown(id).then(
      ({ status }) => status,
      () => null,
    );
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await world.crash();
    const answered = await asked;
    await world.restart();
    const isWanted = async () => (await world.video(id)).publication !== null;
    // What was answered is done; what was not is either done or was never heard.
    if (answered === 200) expect(await isWanted()).toBe(false);
    const wanted = await isWanted();
    await until(
      async () => ((await visit(url)).status === 200) === wanted,
      "the address says what the task says",
    );
  });
});
