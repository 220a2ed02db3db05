/*
 * The V1 wire to the letter: envelopes, types of ids, empty pending fields, and who is let in.
 */
import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/simulator/app.ts";
import { createIds } from "../../src/simulator/ids.ts";
import { key, useSimulator } from "./caller.ts";

const fast = useSimulator();
const slow = useSimulator({ speed: 1, keys: [key, "sk-api-other"] });

describe("an accepted create", () => {
  it("answers 200 with a task id of 15 digits as a string, base_resp and a Trace-Id", async () => {
    const response = await fast.create({ model: "MiniMax-Hailuo-2.3", prompt: "a calm sea" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Trace-Id")).toMatch(/^[0-9a-f]{32}$/);
    expect(await response.json()).toEqual({
      task_id: expect.stringMatching(/^[1-9]\d{14}$/),
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it("may come chunked, without a Content-Length", async () => {
    const text = JSON.stringify({ model: "MiniMax-Hailuo-02", prompt: "in pieces" });
    const body = new Blob([text]).stream();
    const init = { method: "POST", body, duplex: "half", headers: { Authorization: `Bearer ${key}` } };
    expect(await fast.json("/v1/video_generation", init as RequestInit)).toMatchObject({
      base_resp: { status_code: 0 },
    });
  });

  it("may be tens of megabytes long", async () => {
    const answer = await fast.createJson({
      model: "MiniMax-Hailuo-02",
      prompt: "long",
      note: "x".repeat(30_000_000),
    });
    expect(answer.base_resp.status_code).toBe(0);
  });
});

describe("a query", () => {
  it("carries the fields of a result while pending, empty and zero", async () => {
    const taskId = await slow.order("still going");
    expect(await slow.queryJson(taskId)).toEqual({
      task_id: taskId,
      status: "Preparing",
      file_id: "",
      video_width: 0,
      video_height: 0,
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it("names the file as a string and the clip's real size when finished", async () => {
    const taskId = await fast.order("done soon");
    expect(await fast.finish(taskId)).toEqual({
      task_id: taskId,
      status: "Success",
      file_id: expect.stringMatching(/^[1-9]\d{14}$/),
      video_width: 1366,
      video_height: 768,
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it("refuses an unknown task and another key's task alike, with 2013", async () => {
    const taskId = await slow.order("mine");
    const headers = { Authorization: "Bearer sk-api-other" };
    const foreign = await slow.json(`/v1/query/video_generation?task_id=${taskId}`, { headers });
    expect(foreign.base_resp.status_code).toBe(2013);
    expect(await slow.queryJson("106916112212032")).toEqual(foreign);
    expect(foreign).not.toHaveProperty("status");
  });
});

describe("retrieve", () => {
  it("writes file_id as a JSON number, bytes as 0 and the constant name", async () => {
    const { fileId } = await fast.filmUrl("a number");
    const text = await (await fast.retrieve(fileId)).text();
    expect(text).toContain(`"file_id":${fileId},`);
    expect(JSON.parse(text)).toEqual({
      file: {
        file_id: Number(fileId),
        bytes: 0,
        created_at: expect.any(Number),
        filename: "output_aigc.mp4",
        purpose: "video_generation",
        download_url: expect.stringContaining("/output_aigc.mp4?Expires="),
      },
      base_resp: { status_code: 0, status_msg: "success" },
    });
  });

  it.each(["1", "", "nonsense"])("refuses the file id %j with 2013", async (fileId) => {
    const answer = (await (await fast.retrieve(fileId)).json()) as { base_resp: { status_code: number } };
    expect(answer.base_resp.status_code).toBe(2013);
  });
});

describe("the other file routes", () => {
  it("list what is finished and forget what is deleted", async () => {
    const { fileId, url } = await fast.filmUrl("to be deleted");
    const listed = async () => {
      const { files } = await fast.json("/v1/files/list?purpose=video_generation");
      return files.some((file: { file_id: number }) => file.file_id === Number(fileId));
    };
    expect(await listed()).toBe(true);
    const body = JSON.stringify({ file_id: Number(fileId), purpose: "video_generation" });
    const deleted = await fast.json("/v1/files/delete", {
      method: "POST",
      body,
      headers: { Authorization: `Bearer ${key}` },
    });
    expect(deleted).toEqual({
      file_id: Number(fileId),
      base_resp: { status_code: 0, status_msg: "success" },
    });
    expect(await listed()).toBe(false);
    expect((await fetch(url)).status).toBe(404);
  });

  it("hand out the bytes themselves to whoever has the key", async () => {
    const { fileId, url } = await fast.filmUrl("content");
    const content = await fast.send(`/v1/files/retrieve_content?file_id=${fileId}`);
    expect(await content.bytes()).toEqual(await (await fetch(url)).bytes());
  });
});

describe("the door", () => {
  const body = { model: "MiniMax-Hailuo-02", prompt: "who is there" };

  it.each([
    ["no key", "", 1004],
    ["no Bearer", key, 1004],
    ["a wrong key", "Bearer sk-api-wrong", 2049],
  ])("answers 200 with a code to %s", async (_, authorization, code) => {
    const response = await fast.create(body, authorization);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      base_resp: { status_code: code, status_msg: expect.any(String) },
    });
  });

  it.each([
    "/v1/query/video_generation?task_id=1",
    "/v1/files/retrieve?file_id=1",
    "/v1/files/retrieve_content?file_id=1",
    "/v1/files/list?purpose=video_generation",
  ])("guards %s", async (path) => {
    const answer = await fast.json(path, { headers: {} });
    expect(answer.base_resp.status_code).toBe(1004);
  });

  it("has no route under a doubled slash", async () => {
    expect((await fast.send("//v1/video_generation", { method: "POST" })).status).toBe(404);
  });

  it("answers 1002 beyond the limit of a minute, per key, and lets in again after it", async () => {
    let now = 1_800_000_000_000;
    const { app } = createSimulator({ requestsPerMinute: 2, keys: ["a", "b"], now: () => now });
    const codeFor = async (who: string) => {
      const headers = { Authorization: `Bearer ${who}` };
      const response = await app.request("/v1/video_generation", {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { base_resp: { status_code: number } }).base_resp.status_code;
    };
    expect([await codeFor("a"), await codeFor("a"), await codeFor("a")]).toEqual([0, 0, 1002]);
    expect(await codeFor("b")).toBe(0);
    now += 60_000;
    expect(await codeFor("a")).toBe(0);
  });
});

describe("ids", () => {
  it("grow with time and never repeat within one instant", () => {
    let now = 1_800_000_000_000;
    const next = createIds(() => now);
    const ids = Array.from({ length: 20_000 }, next);
    now += 60_000;
    ids.push(next());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((a, b) => a - b));
    expect(ids.every((id) => /^\d{15}$/.test(id))).toBe(true);
  });
});
