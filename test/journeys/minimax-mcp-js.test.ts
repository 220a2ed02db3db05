/**
 * MiniMax's own client, minimax-mcp-js, as it is: with filmgate's address for MiniMax's it makes videos, by its classes
 * and as an MCP server over stdio. It polls every 20 s by itself, so it is asked to order and to query apart.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MiniMaxAPI, VideoAPI } from "minimax-mcp-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { startProxy } from "../client/proxy.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
/** Between the client and filmgate: it can lose an answer. */
let proxy: Awaited<ReturnType<typeof startProxy>>;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
  folder = await mkdtemp(join(tmpdir(), "filmgate-mcp-"));
  process.env.MINIMAX_MCP_BASE_PATH = folder;
});
afterEach(() => {
  proxy.faults.length = 0;
  proxy.seen.length = 0;
});
afterAll(async () => {
  delete process.env.MINIMAX_MCP_BASE_PATH;
  await proxy.stop();
  await world.stop();
  await rm(folder, { recursive: true });
});

const model = "MiniMax-Hailuo-02";
const firstFrame = join(root, "scripts", "first-frame.jpg");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const creates = () => proxy.seen.filter(({ method }) => method === "POST");

async function paid(prompt: string) {
  const { creates, billed, tasks } = await world.ledger(prompt);
  return { creates, billed, sha256: tasks[0]?.sha256, firstFrame: tasks[0]?.first_frame_sha256 };
}

describe("its classes", () => {
  const video = (apiKey = world.key, resourceMode: "url" | "local" = "url") =>
    new VideoAPI(new MiniMaxAPI({ apiKey, apiHost: proxy.url, resourceMode }));

  async function finished(taskId: string, client = video()) {
    let answer: Awaited<ReturnType<VideoAPI["queryVideoGeneration"]>> = { status: "" };
    await until(async () => {
      answer = await client.queryVideoGeneration({ taskId });
      return answer.status === "Success";
    }, `${taskId} is finished`);
    return answer;
  }

  it("order a video, see it pending, and get a link to the bytes that MiniMax made", async () => {
    const prompt = world.prompt();
    const { task_id } = await video().generateVideo({ model, prompt, asyncMode: true });
    const pending = await video().queryVideoGeneration({ taskId: task_id });
    expect(pending).toEqual({ status: expect.stringMatching(/^(?:Preparing|Queueing|Processing)$/) });
    const { video_url } = await finished(task_id);
    const response = await fetch(String(video_url));
    expect(response.headers.get("content-type")).toBe("video/mp4");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(await paid(prompt)).toMatchObject({ creates: 1, billed: 1, sha256: sha256(bytes) });
  });

  it("start from a picture on the disk, and save the video there", async () => {
    const prompt = world.prompt("instant");
    const { task_id } = await video().generateVideo({
      ...{ model, prompt, firstFrameImage: firstFrame, duration: 6, resolution: "768P" },
      asyncMode: true,
    });
    const { video_path } = await finished(task_id, video(world.key, "local"));
    const told = await paid(prompt);
    expect(told).toMatchObject({ creates: 1, firstFrame: sha256(await readFile(firstFrame)) });
    expect(sha256(await readFile(String(video_path)))).toBe(told.sha256);
  });

  it.each(["drop after", "502 after", "cut after"] as const)(
    "ordering again after the answer was lost (%s) get the same video, paid once",
    async (fault) => {
      const prompt = world.prompt("instant");
      proxy.faults.push(fault);
      const order = () => video().generateVideo({ model, prompt, asyncMode: true });
      await expect(order()).rejects.toThrow();
      const { task_id } = await order();
      expect(creates()).toHaveLength(2);
      await finished(task_id);
      expect(await paid(prompt)).toMatchObject({ creates: 1, billed: 1 });
    },
  );

  it("tell a refusal with filmgate's sentence and the request's id", async () => {
    const prompt = world.prompt("refuse=1026");
    await expect(video().generateVideo({ model, prompt, asyncMode: true })).rejects.toThrow(
      /^API Error: MiniMax refused the prompt or image as sensitive.* Trace ID: [\w-]{16,}$/,
    );
    await expect(video().generateVideo({ model, prompt, duration: 7, asyncMode: true })).rejects.toThrow(
      /duration: MiniMax-Hailuo-02 does not make 7 seconds/,
    );
    await expect(video("mql_default_none").generateVideo({ model, prompt, asyncMode: true })).rejects.toThrow(
      /API Error: This API key is unknown/,
    );
    await expect(video("").generateVideo({ model, prompt, asyncMode: true })).rejects.toThrow(
      /API Error: No API key was sent.*check your API key/,
    );
  });

  it.each([
    ["withheld as sensitive", "instant fail=1027", /API Error: MiniMax made the video and withheld it/],
    ["without a reason", "instant fail=none", /Video generation task failed, task ID: task_/],
  ])("end on a video that failed %s", async (_title, scenario, sentence) => {
    const { task_id } = await video().generateVideo({
      model,
      prompt: world.prompt(scenario),
      asyncMode: true,
    });
    await world.untilOver(task_id);
    await expect(video().queryVideoGeneration({ taskId: task_id })).rejects.toThrow(sentence);
  });
});

describe("as an MCP server over stdio", () => {
  let server: ChildProcess;
  let call: (tool: string, parameters: object) => Promise<string>;
  beforeAll(async () => {
    const command = join(root, "node_modules", "minimax-mcp-js", "build", "index.js");
    server = spawn(process.execPath, [command], {
      cwd: folder,
      env: { PATH: process.env.PATH, MINIMAX_API_KEY: world.key, MINIMAX_API_HOST: proxy.url },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const waiting = new Map<number, (result: unknown) => void>();
    createInterface({ input: server.stdout as NonNullable<typeof server.stdout> }).on("line", (line) => {
      const { id, result, error } = JSON.parse(line);
      waiting.get(id)?.(result ?? error);
    });
    const send = (message: object) =>
      server.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    let last = 0;
    const request = (method: string, params: object) =>
      new Promise<unknown>((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        send({ id: last, method, params });
      });
    const clientInfo = { name: "test", version: "1" };
    await request("initialize", { protocolVersion: "2025-03-26", capabilities: {}, clientInfo });
    send({ method: "notifications/initialized" });
    call = async (name, parameters) => {
      const result = await request("tools/call", { name, arguments: parameters });
      return (result as { content: { text: string }[] }).content.map(({ text }) => text).join("\n");
    };
  });
  afterAll(() => {
    server.kill();
  });

  async function link(taskId: string): Promise<string> {
    let told = "";
    await until(async () => {
      told = await call("query_video_generation", { taskId });
      return told.startsWith("Success");
    }, `${taskId} is finished`);
    return /https?:\/\/\S+/.exec(told)?.[0] ?? told;
  }
  const taskIdIn = (told: string) => /task_[0-9a-z]{26}/.exec(told)?.[0] ?? told;

  it("makes a video, and gives its link", async () => {
    const prompt = world.prompt("instant");
    const told = await call("generate_video", { model, prompt, asyncMode: true });
    expect(told).toMatch(/^Success\. Video generation task submitted/);
    const response = await fetch(await link(taskIdIn(told)));
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(await paid(prompt)).toMatchObject({ creates: 1, billed: 1, sha256: sha256(bytes) });
  });

  it("whose answer was lost is asked again, and the video is paid once", async () => {
    const prompt = world.prompt("instant");
    proxy.faults.push("drop after");
    const order = () => call("generate_video", { model, prompt, asyncMode: true });
    expect(await order()).toMatch(/^Failed to generate video/);
    const told = await order();
    expect(creates()).toHaveLength(2);
    expect((await fetch(await link(taskIdIn(told)))).status).toBe(200);
    expect(await paid(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("shows a refusal as it stands", async () => {
    const told = await call("generate_video", {
      model,
      prompt: world.prompt(),
      resolution: "720P",
      asyncMode: true,
    });
    expect(told).toMatch(/^Failed to generate video: API Error: resolution: .*For 720P, take 768P/);
  });
});
