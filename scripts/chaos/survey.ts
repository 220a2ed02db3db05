/** What can be seen of a run from outside: the tasks, the money, MiniMax's books, and at last the bucket itself. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { ListAccountsResponse, ListVideosResponse, Sums, Video } from "../../src/contract.ts";
import { type Stage, sleep } from "./stage.ts";

export type SeenTask = Readonly<{
  /** As the account's list has it, and as the task itself tells it. */
  listed: Video;
  told: Video | null;
  /** SHA-256 of what `/content` gives; null where there is no video. */
  contentSha256: string | null;
}>;
export type BilledTask = Readonly<{
  task_id: string;
  prompt: string;
  state: string;
  billed: boolean;
  micro_usd: number | null;
  sha256: string | null;
}>;
export type Bill = Readonly<{ creates: number; billed_micro_usd: number; tasks: readonly BilledTask[] }>;
export type SeenFile = Readonly<{ fileId: string; sha256: string }>;

/** Every task of every account. */
export async function listTasks(stage: Stage): Promise<Video[]> {
  const all: Video[] = [];
  for (const { keys } of stage.accounts) {
    let after = "";
    for (;;) {
      const path = `/v1/videos?limit=100${after === "" ? "" : `&after=${after}`}`;
      const { body, status } = await stage.insist<ListVideosResponse>(keys[0] ?? "", "GET", path);
      if (status !== 200) throw new Error(`listing the videos answered ${status}`);
      all.push(...body.data);
      if (!body.has_more || body.last_id === null) break;
      after = body.last_id;
    }
  }
  return all;
}

export async function readBill(stage: Stage): Promise<Bill> {
  return (await (await fetch(`${stage.simulator.url}/simulator/ledger`)).json()) as Bill;
}

/** Waits until every task has ended and its money is told; gives up after a while, with those that have not. */
export async function untilSettled(stage: Stage, limitMs: number): Promise<Video[]> {
  const end = Date.now() + limitMs;
  for (;;) {
    const tasks = await listTasks(stage);
    const open = tasks.filter(
      ({ status, cost }) => cost.state === "reserved" || (status !== "completed" && status !== "failed"),
    );
    if (open.length === 0 || Date.now() > end) return open;
    await sleep(1000);
  }
}

/** Asks each task itself, and fetches each video's bytes. */
export async function surveyTasks(stage: Stage): Promise<SeenTask[]> {
  const seen: SeenTask[] = [];
  for (const { keys } of stage.accounts) {
    const own = (await listTasks({ ...stage, accounts: [{ name: "", keys }] })) as Video[];
    for (const listed of own) {
      const key = keys[0] ?? "";
      const { status, body } = await stage.insist<Video>(key, "GET", `/v1/videos/${listed.id}`);
      const told = status === 200 ? body : null;
      const contentSha256 = told?.status === "completed" ? await hashContent(stage, key, listed.id) : null;
      seen.push({ listed, told, contentSha256 });
    }
  }
  return seen;
}

async function hashContent(stage: Stage, key: string, taskId: string): Promise<string> {
  const response = await fetch(`${stage.url}/v1/videos/${taskId}/content`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (response.status !== 200) return `HTTP ${response.status}`;
  return createHash("sha256")
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest("hex");
}

/** Money by its state, over all accounts, in millionths of a dollar. */
export async function sumMoney(
  stage: Stage,
): Promise<Record<"reserved" | "settled" | "released" | "held", number>> {
  const { body } = await stage.admin<ListAccountsResponse>("GET", "/v1/admin/accounts");
  const sum = (field: keyof Sums) =>
    body.data.reduce((all, { usage }) => all + Math.round(usage.total[field] * 1_000_000), 0);
  return {
    reserved: sum("reserved_usd"),
    settled: sum("settled_usd"),
    released: sum("released_usd"),
    held: sum("held_usd"),
  };
}

/** The videos in the bucket, once the Worker is stopped. */
export async function surveyBucket(folder: string): Promise<SeenFile[]> {
  const reader = new Miniflare({
    ...convertV4MiniflareOptions({
      name: "reader",
      modules: true,
      script: "export default {}",
      r2Buckets: { VIDEOS: "filmgate-videos" },
      cf: false,
    }),
    resourcePersistencePath: join(folder, "v3"),
  });
  try {
    const bucket = await reader.getR2Bucket("VIDEOS");
    const files: SeenFile[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await bucket.list({ prefix: "videos/", ...(cursor === undefined ? {} : { cursor }) });
      for (const { key } of page.objects) {
        const bytes = await (await bucket.get(key))?.arrayBuffer();
        const sha256 = createHash("sha256")
          .update(new Uint8Array(bytes ?? new ArrayBuffer(0)))
          .digest("hex");
        files.push({ fileId: key.replace(/^videos\//, "").replace(/\.mp4$/, ""), sha256 });
      }
      if (!page.truncated) return files;
      cursor = page.cursor;
    }
  } finally {
    await reader.dispose();
  }
}
