/**
 * Every command on the reference page, pasted into a shell as it stands: it is answered, as the page says, and with
 * what /openapi.json tells of its status.
 */

import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, root } from "../../scripts/worker.ts";
import { areasOf } from "../../src/routes/docs/document.ts";
import { type Given, type Judge, judgeOf, readDocument, type Told } from "./document.ts";
import { startWorld, type World } from "./world.ts";

const run = promisify(execFile);
let world: World;
let folder: string;
let commands: Map<string, string>;
let operations: Map<string, Told>;
let judge: Judge;
let variables: Record<string, string>;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  folder = await mkdtemp(join(tmpdir(), "filmgate-reference-"));
  const firstFrame = join(root, "scripts", "first-frame.jpg");
  await copyFile(firstFrame, join(folder, "image.jpg"));
  const document = await readDocument(world.url);
  judge = judgeOf(document);
  operations = new Map(
    areasOf(document).flatMap(({ routes }) => routes.map((route) => [route.anchor, route] as const)),
  );
  const page = await (await fetch(`${world.url}/docs`)).text();
  const articles = page.matchAll(/<article id="([^"]+)"[\s\S]*?<\/article>/g);
  commands = new Map(
    [...articles].flatMap(([article, id = ""]) => {
      const command = /aria-label="curl: [^"]*"><code>([\s\S]*?)<\/code>/.exec(article)?.[1];
      return command === undefined ? [] : [[id, plain(command)]];
    }),
  );
  const { body } = await world.create({
    ...{ model: "MiniMax-Hailuo-2.3", prompt: world.prompt("instant") },
    first_frame_image: await readFile(firstFrame, "base64"),
  });
  const { file_id } = await world.untilOver(body.task_id);
  const link = await world.download(file_id);
  variables = {
    FILMGATE_URL: world.url,
    FILMGATE_API_KEY: world.key,
    ADMIN_KEY: localSettings.ADMIN_KEY,
    TASK_ID: body.task_id,
    FILE_ID: file_id,
    DOWNLOAD_URL: link.promised.download_url,
    NAME: "studio",
  };
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true });
});

function plain(markup: string): string {
  return markup
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** Runs a command as it stands, with a curl that also tells the status, and the headers in a file. */
async function paste(id: string): Promise<Given> {
  const told = `curl() { command curl --silent --dump-header head --write-out '\\n%{http_code}' "$@"; }\n${commands.get(id)}`;
  const env = { ...process.env, ...variables };
  const { stdout } = await run("bash", ["--norc", "-euc", told], { cwd: folder, env, encoding: "latin1" });
  const end = stdout.lastIndexOf("\n");
  const [, ...lines] = (await readFile(join(folder, "head"), "latin1")).trim().split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
  return { status: Number(stdout.slice(end + 1)), headers, body: stdout.slice(0, end) };
}

/** In the order in which somebody would try them; what takes away comes last. */
const inOrder: [id: string, status: number][] = [
  ["get-healthz", 200],
  ["get-openapi-json", 200],
  ["get-docs", 200],
  ["post-v1-videos-generations", 200],
  ["post-v1-videos-minimax-generations", 200],
  ["post-v1-videos", 200],
  ["get-v1-videos-models", 200],
  ["get-v1-videos", 200],
  ["get-v1-videos-query-task_id", 200],
  ["get-v1-videos-task_id", 200],
  ["get-v1-videos-generations-task_id", 200],
  ["get-v1-videos-task_id-events", 200],
  ["get-v1-videos-task_id-content", 200],
  ["get-v1-videos-download-file_id", 200],
  ["get-files-name", 200],
  ["post-v1-videos-task_id-publish", 200],
  ["get-v1-videos-task_id-publish", 200],
  ["get-v-name", 200],
  ["get-v-file_id-poster", 200],
  ["get-oembed", 200],
  ["delete-v1-videos-task_id-publish", 200],
  ["post-v1-files", 201],
  ["post-v1-tickets", 201],
  ["post-v1-video_generation", 200],
  ["get-v1-query-video_generation", 200],
  ["get-v1-files-retrieve", 200],
  ["post-v2-video_generation", 200],
  ["get-v2-query-video_generation", 200],
  ["get-v2-query-video_generation-task_id", 200],
  ["get-v1-usage", 200],
  ["get-v1-videos-task_id-webhooks", 200],
  ["get-v1-webhooks-secret", 200],
  ["post-v1-webhooks-secret-rotate", 200],
  ["get-v1-deploy-hooks", 200],
  ["post-v1-admin-accounts", 201],
  ["get-v1-admin-accounts", 200],
  ["get-v1-admin-accounts-name", 200],
  ["patch-v1-admin-accounts-name", 200],
  ["post-v1-admin-keys", 201],
  ["get-v1-admin-keys", 200],
  ["patch-v1-admin-keys-id", 200],
  // The id is that of a key: nobody was to be told of this video, and no site is built again.
  ["post-v1-videos-task_id-webhooks-id-replay", 404],
  ["post-v1-deploy-hooks-id-call", 404],
  ["get-v1-admin-held", 200],
  // The video was made, and nothing is held.
  ["post-v1-videos-task_id-retry", 409],
  ["post-v1-admin-held-task_id", 404],
  ["delete-v1-admin-keys-id", 200],
  ["delete-v1-videos-task_id", 200],
  // It was deleted the line before.
  ["delete-v2-video_generation-task_id", 404],
  ["delete-v1-admin-accounts-name", 200],
];

describe("the commands of the reference", () => {
  it("are all tried here", () => {
    expect([...commands.keys()].sort()).toEqual(inOrder.map(([id]) => id).sort());
  });

  it.each(inOrder)("%s is answered with %i", async (id, status) => {
    const answer = await paste(id);
    expect(answer, answer.body.slice(0, 300)).toMatchObject({ status });
    const told = operations.get(id);
    expect(told && judge.judgeAnswer(told, answer)).toEqual([]);
    if (id === "post-v1-admin-keys") variables.ID = (JSON.parse(answer.body) as { id: string }).id;
  });
});
