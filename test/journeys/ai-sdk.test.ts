/**
 * Vercel's AI SDK with its provider for MiniMax, as they are: with filmgate's address for MiniMax's they make videos,
 * and what they repeat is paid once. The commands and programs of docs/dialects/minimax-v2.md are run as they stand.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createMiniMax } from "@ai-sdk/minimax";
import {
  experimental_generateVideo as generateVideo,
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
} from "ai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { startProxy } from "../client/proxy.ts";
import { startWorld, until, type World } from "./world.ts";

const run = promisify(execFile);
let world: World;
/** Between the SDK and filmgate: it can lose an answer. */
let proxy: Awaited<ReturnType<typeof startProxy>>;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  proxy = await startProxy(world.url);
});
afterEach(() => {
  proxy.faults.length = 0;
  proxy.seen.length = 0;
});
afterAll(async () => {
  await proxy.stop();
  await world.stop();
});

const model = (apiKey = world.key, name = "MiniMax-H3") =>
  createMiniMax({ apiKey, videoBaseURL: proxy.url }).video(name);
/** The SDK's own refuses addresses of this machine. */
const download = async ({ url }: { url: URL }) => {
  const response = await fetch(url);
  return { data: new Uint8Array(await response.arrayBuffer()), mediaType: "video/mp4" };
};
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const creates = () => proxy.seen.filter(({ method }) => method === "POST");
/** How its status is asked for where it waits by itself. */
const soon = { providerOptions: { minimax: { pollIntervalMs: 50 } }, download };
const polled = { poll: { intervalMs: 50 }, download };

async function paid(prompt: string) {
  const { creates, billed, tasks } = await world.ledger(prompt);
  return { creates, billed, hashes: tasks.map((task) => task.sha256).sort() };
}

describe("generateVideo", () => {
  it.each([
    ["which waits by its provider", soon],
    ["with poll", polled],
  ])("%s gives the bytes that MiniMax made, and what it counted", async (_title, how) => {
    const prompt = world.prompt();
    const { video, warnings, providerMetadata } = await generateVideo({
      ...{ model: model(), prompt, resolution: "1366x768", duration: 4, aspectRatio: "1:1" },
      ...how,
    });
    expect(warnings).toEqual([]);
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [sha256(video.uint8Array)] });
    expect(providerMetadata.minimax).toMatchObject({
      ...{ duration: 4, ratio: "1:1", resolution: "768P" },
      usage: { totalSeconds: 4, inputSeconds: 0, outputSeconds: 4 },
    });
  });

  it("starts from a picture", async () => {
    const prompt = world.prompt("instant");
    const image = await readFile(join(root, "scripts", "first-frame.jpg"));
    await generateVideo({
      model: model(),
      prompt: { text: prompt, image },
      resolution: "1366x768",
      ...polled,
    });
    const { tasks } = await world.ledger(prompt);
    expect(tasks).toMatchObject([{ first_frame_sha256: sha256(image) }]);
  });

  it("goes by pictures", async () => {
    const prompt = world.prompt("instant");
    const image = await readFile(join(root, "scripts", "first-frame.jpg"));
    const { warnings } = await generateVideo({
      ...{ model: model(), prompt, inputReferences: [image, image] },
      ...polled,
    });
    expect(warnings).toEqual([]);
    const { tasks } = await world.ledger(prompt);
    expect(tasks).toMatchObject([{ reference_sha256s: [sha256(image), sha256(image)] }]);
  });

  it.each([
    ["which waits by its provider", "drop after", soon],
    ["which waits by its provider", "502 after", soon],
    ["with poll", "drop after", polled],
    ["with poll", "502 after", polled],
  ] as const)("%s repeats a create whose answer was lost (%s), and pays once", async (_title, fault, how) => {
    const prompt = world.prompt("instant");
    proxy.faults.push(fault);
    const { video } = await generateVideo({ model: model(), prompt, ...how });
    expect(creates()).toHaveLength(2);
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [sha256(video.uint8Array)] });
  });

  it("whose create broke off in its answer fails, and asked again by the program pays once", async () => {
    const prompt = world.prompt("instant");
    proxy.faults.push("cut after");
    const order = () => generateVideo({ model: model(), prompt, ...soon });
    const video = await order().then(
      (made) => made.video,
      async () => (await order()).video,
    );
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [sha256(video.uint8Array)] });
  });

  it("which begins anew when asking for the status broke down joins what it began", async () => {
    const prompt = world.prompt();
    const made = generateVideo({ model: model(), prompt, ...soon });
    await until(async () => creates().length === 1 && proxy.seen.length > 2, "it asks for the status");
    proxy.faults.push("502 before");
    const { video } = await made;
    expect(creates()).toHaveLength(2);
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [sha256(video.uint8Array)] });
  });

  it("of two videos at once, with poll, makes two", async () => {
    const prompt = world.prompt();
    const { videos } = await generateVideo({ model: model(), prompt, n: 2, ...polled });
    const hashes = videos.map(({ uint8Array }) => sha256(uint8Array)).sort();
    expect(new Set(hashes).size).toBe(2);
    expect(await paid(prompt)).toEqual({ creates: 2, billed: 2, hashes });
  });

  it("of two videos at once, without poll, gets one video twice, paid once", async () => {
    const prompt = world.prompt();
    const { videos } = await generateVideo({ model: model(), prompt, n: 2, ...soon });
    const [first = "", second] = videos.map(({ uint8Array }) => sha256(uint8Array));
    expect(second).toBe(first);
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [first] });
    const other = await generateVideo({
      ...{ model: model(), prompt, headers: { "Filmgate-Take": "2" } },
      ...soon,
    });
    const hashes = [first, sha256(other.video.uint8Array)].sort();
    expect(new Set(hashes).size).toBe(2);
    expect(await paid(prompt)).toEqual({ creates: 2, billed: 2, hashes });
  });

  it.each([
    ["a refused prompt", "refuse=1026", {}, /sensitive.*MiniMax: .*\(1026\)$/],
    ["a video that was withheld", "instant fail=1027", {}, /failed: MiniMax made the video and withheld it/],
    [
      "a watermark",
      "",
      { providerOptions: { minimax: { aigcWatermark: true } } },
      /^aigc_watermark: filmgate does not pass it on to MiniMax/,
    ],
  ])(
    "shows filmgate's sentence about %s, and repeats nothing",
    async (_title, scenario, fields, sentence) => {
      const prompt = world.prompt(scenario);
      await expect(generateVideo({ model: model(), prompt, ...polled, ...fields })).rejects.toThrow(sentence);
      expect(creates()).toHaveLength(1);
    },
  );

  it("shows that a key is unknown", async () => {
    const unknown = generateVideo({ model: model("mql_default_none"), prompt: world.prompt(), ...polled });
    await expect(unknown).rejects.toThrow(/^This API key is unknown.*\(2049\)$/);
  });
});

describe("startVideo", () => {
  async function finished(operation: Awaited<ReturnType<typeof startVideo>>["operation"]) {
    let told = await getVideoStatus(model(), { operation });
    await until(async () => {
      told = await getVideoStatus(model(), { operation });
      return told.status !== "pending";
    }, "it is over");
    return told;
  }

  it("starts one, and getVideoStatus tells its link, in another process as well", async () => {
    const prompt = world.prompt();
    const { operation } = await startVideo({ model: model(), prompt });
    const kept = JSON.parse(JSON.stringify(operation)) as typeof operation;
    expect(await getVideoStatus(model(), { operation: kept })).toMatchObject({ status: "pending" });
    const told = await finished(kept);
    const url = told.status === "completed" && told.videos[0]?.type === "url" ? told.videos[0].url : "";
    const { data } = await download({ url: new URL(url) });
    expect(await paid(prompt)).toEqual({ creates: 1, billed: 1, hashes: [sha256(data)] });
  });

  it.each(["drop after", "502 after"] as const)(
    "whose answer was lost (%s) repeats it under one key, and pays once",
    async (fault) => {
      const prompt = world.prompt("instant");
      proxy.faults.push(fault);
      const { operation } = await startVideo({ model: model(), prompt });
      const keys = creates().map(({ headers }) => headers["idempotency-key"]);
      expect(keys).toHaveLength(2);
      expect(new Set(keys).size).toBe(1);
      expect(keys[0]).toMatch(/^aisdk_vid_/);
      expect(await finished(operation)).toMatchObject({ status: "completed" });
      expect(await paid(prompt)).toMatchObject({ creates: 1, billed: 1 });
    },
  );

  it("asks for a status again whose answer was lost", async () => {
    const { operation } = await startVideo({ model: model(), prompt: world.prompt("instant") });
    proxy.faults.push("drop after");
    expect(["pending", "completed"]).toContain((await getVideoStatus(model(), { operation })).status);
    expect(proxy.seen).toHaveLength(3);
  });

  it("has a cancelled video be an error that says so", async () => {
    const { operation } = await startVideo({ model: model(), prompt: world.prompt("queue=20000") });
    const { taskId } = operation as { taskId: string };
    const answer = await world.call("DELETE", `/v2/video_generation/${taskId}`);
    expect(answer.status).toBe(200);
    expect(await getVideoStatus(model(), { operation })).toMatchObject({
      status: "error",
      error: expect.stringMatching(/cancelled/),
    });
  });
});

describe("docs/dialects/minimax-v2.md", () => {
  let page = "";
  let folder = "";
  beforeAll(async () => {
    page = await readFile(join(root, "docs", "dialects", "minimax-v2.md"), "utf8");
    folder = await mkdtemp(join(tmpdir(), "filmgate-v2-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) =>
      String(code),
    );

  it("has programs that make videos", async () => {
    const programs = blocks("ts");
    expect(programs).toHaveLength(2);
    for (const [index, program] of programs.entries()) {
      // Its addresses are those of this machine, which the SDK's own download refuses.
      const own = program
        .replaceAll("mql_…", world.key)
        .replaceAll("https://video.example.com", world.url)
        .replaceAll("poll: {}", "poll: { intervalMs: 100 }, download");
      const download =
        "const download = async ({ url }: { url: URL }) => ({ data: await (await fetch(url)).bytes() });";
      const file = join(folder, `program-${index}.ts`);
      await writeFile(file, own.replace(/\n\n/, `\n\n${download}\n`));
      await run(process.execPath, [file], { cwd: folder });
    }
  });

  it("has commands that are answered as told", async () => {
    const env = { ...process.env, FILMGATE_URL: world.url, FILMGATE_API_KEY: world.key };
    const [order = "", query = "", list = "", removal = ""] = blocks("sh");
    const told = async (command: string, TASK_ID = "") =>
      JSON.parse((await run("bash", ["--norc", "-euc", command], { env: { ...env, TASK_ID } })).stdout);
    const { task_id } = await told(order);
    await world.untilOver(task_id);
    const { task } = await told(query, task_id);
    const shown = JSON.parse(String(blocks("json")[0]));
    expect(Object.keys(task)).toEqual(Object.keys(shown.task));
    expect((await fetch(task.content.url)).status).toBe(200);
    expect(await told(list)).toMatchObject({ items: expect.any(Array), total: expect.any(Number) });
    expect(await told(removal, task_id)).toEqual({ task_id, action: "deleted", status: "succeeded" });
  });
});
