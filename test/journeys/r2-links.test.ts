/** R2's own links, against the S3 endpoint of the local bucket: what they give, and what they refuse. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DownloadVideoResponse, QueryVideoResponse } from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
let over: QueryVideoResponse;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  const { body } = await world.create({ model: "MiniMax-Hailuo-2.3", prompt: world.prompt("instant") });
  over = await world.untilOver(body.task_id);
});
afterAll(() => world.stop());

const day = 24 * 3600;

async function linked(query = ""): Promise<DownloadVideoResponse> {
  const path = `/v1/videos/download/${over.file_id}?via=r2${query}`;
  const { status, body } = await world.call<DownloadVideoResponse>("GET", path);
  expect(status).toBe(200);
  return body;
}

describe("a link of R2's own", () => {
  it("gives the file's bytes to whoever has it, without a key, for a day", async () => {
    const link = await linked();
    expect(link).toMatchObject({ via: "r2", disposition: "inline", expires_in_seconds: day });
    expect(link.notice).toMatch(/7 days at most.*not on yours.*cannot be revoked/);
    expect(new URL(link.download_url).searchParams.get("X-Amz-Expires")).toBe(String(day));
    const response = await fetch(link.download_url);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get("content-type")).toBe("video/mp4");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(link.sha256);
    expect(bytes.byteLength).toBe(link.bytes);
  });

  it("takes ranges, so that a browser can seek", async () => {
    const { download_url, bytes } = await linked();
    const response = await fetch(download_url, { headers: { range: "bytes=0-1" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes 0-1/${bytes}`);
  });

  it("says how it is to be shown, and as what it is saved", async () => {
    const { download_url, disposition } = await linked("&disposition=attachment");
    expect(disposition).toBe("attachment");
    expect(new URL(download_url).searchParams.get("response-content-disposition")).toBe(
      `attachment; filename="${over.file_id}.mp4"`,
    );
    const named = await linked(`&filename=${encodeURIComponent("Wässer")}`);
    expect(named).toMatchObject({ disposition: "attachment", filename: "Wässer.mp4" });
    expect(new URL(named.download_url).searchParams.get("response-content-disposition")).toBe(
      "attachment; filename=\"W_sser.mp4\"; filename*=UTF-8''W%C3%A4sser.mp4",
    );
  });

  it.each([
    ["another signature", (url: URL) => url.searchParams.set("X-Amz-Signature", "0".repeat(64))],
    ["a longer life", (url: URL) => url.searchParams.set("X-Amz-Expires", String(2 * day))],
    ["another file", (url: URL) => (url.pathname = url.pathname.replace(/file_./, "file_z"))],
  ])("that was given %s is refused by R2", async (_title, change) => {
    const url = new URL((await linked()).download_url);
    change(url);
    expect((await fetch(url)).status).toBe(403);
  });

  it.each(["59", "604801", "x"])("for %s seconds is refused by name", async (life) => {
    const path = `/v1/videos/download/${over.file_id}?via=r2&expires_in=${life}`;
    const { status, body } = await world.call<{ code: string; details: { param: string } }>("GET", path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "invalid_field", details: { param: "expires_in" } });
  });

  it.each(["filename=", "filename=a%2Fb", "filename=a%0Ab", "filename=a&disposition=inline"])(
    "under a name that is none, or is not for saving, is refused by name: %s",
    async (parameters) => {
      const path = `/v1/videos/download/${over.file_id}?via=r2&${parameters}`;
      const { status, body } = await world.call<{ code: string; details: { param: string } }>("GET", path);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: "invalid_field", details: { param: "filename" } });
    },
  );

  it("ends with the video: deleted, it is not there any more", async () => {
    const { body } = await world.create({ model: "MiniMax-Hailuo-2.3", prompt: world.prompt("instant") });
    const gone = await world.untilOver(body.task_id);
    const path = `/v1/videos/download/${gone.file_id}?via=r2`;
    const { download_url } = (await world.call<DownloadVideoResponse>("GET", path)).body;
    expect((await fetch(download_url)).status).toBe(200);
    await world.call("DELETE", `/v1/videos/${body.task_id}`);
    expect((await fetch(download_url)).status).toBe(404);
  });
});

it("a link of filmgate's says so, and that there is nothing to know about it", async () => {
  const { body } = await world.call<DownloadVideoResponse>("GET", `/v1/videos/download/${over.file_id}`);
  expect(body).toMatchObject({ via: "worker", disposition: "inline", notice: null });
});
