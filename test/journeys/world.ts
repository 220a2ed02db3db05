/**
 * A world for journeys: the simulator and the Worker as real processes on real sockets, and a caller in it.
 * Time runs a hundred times faster than life, for both.
 */

import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "../../scripts/free-port.ts";
import { localS3, localSettings, makeKey, startWorker, type Worker } from "../../scripts/worker.ts";
import type {
  CreateVideoResponse,
  DownloadVideoResponse,
  QueryVideoResponse,
  Video,
} from "../../src/contract.ts";
import { startSimulator } from "../../src/simulator/server.ts";

export const speed = 100;

export type Ledger = {
  creates: number;
  billed: number;
  refused: { code: number; prompt: string }[];
  tasks: {
    task_id: string;
    prompt: string;
    state: string;
    sha256: string;
    downloads: number;
    bytes_served: number;
    /** The Range header of each download, in order. */
    ranges: (string | null)[];
    queries: number;
    first_frame_sha256: string | null;
    last_frame_sha256: string | null;
    subject_sha256: string | null;
  }[];
};

export type Answer<T = Record<string, never>> = { status: number; headers: Headers; body: T };
export type World = Awaited<ReturnType<typeof startWorld>>;

/** Waits until something holds, as often as it takes; fails after 20 s, with what was waited for. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * @param options.callbacks whether MiniMax is given an address to call back, and whether it can be reached.
 * @param options.settings settings of the Worker beside these.
 */
export async function startWorld(options: {
  callbacks: "reachable" | "unreachable" | "none";
  settings?: Readonly<Record<string, string>>;
}) {
  const simulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
  const folder = await mkdtemp(join(tmpdir(), "filmgate-journey-"));
  const port = await freePort();
  const start = () =>
    startWorker({
      port,
      persistTo: folder,
      vars: {
        MINIMAX_BASE_URL: simulator.url,
        TIME_SCALE: String(1 / speed),
        ...localS3(port),
        ...(options.callbacks === "reachable" ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {}),
        // Port 9 (discard) refuses connections.
        ...(options.callbacks === "unreachable" ? { PUBLIC_URL: "http://127.0.0.1:9" } : {}),
        ...options.settings,
      },
    });
  let worker: Worker = await start();
  const key = await makeKey(worker.url, "journeys");

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${worker.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? new Blob([body.slice()]) : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  };
  const query = (taskId: string, parameters = "", ownKey = key) =>
    call<QueryVideoResponse>("GET", `/v1/videos/query/${taskId}${parameters}`, undefined, {
      authorization: `Bearer ${ownKey}`,
    });

  return {
    simulator,
    url: worker.url,
    key,
    call,
    query,

    /** A prompt that no other journey has, with a scenario in it. */
    prompt: (scenario = "") => `A journey ${randomUUID()}${scenario === "" ? "" : ` [sim: ${scenario}]`}`,

    create: (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
      call<CreateVideoResponse>("POST", "/v1/videos/generations", body, headers),

    /** Waits as a caller does, until the task is over, and fails after `limitMs`. */
    async untilOver(
      taskId: string,
      about: { key?: string; limitMs?: number } = {},
    ): Promise<QueryVideoResponse> {
      const end = Date.now() + (about.limitMs ?? 45_000);
      for (;;) {
        const { body } = await query(taskId, "?wait=5", about.key);
        if (body.status === "Success" || body.status === "Fail") return body;
        if (Date.now() > end) throw new Error(`${taskId} is still ${body.status}`);
      }
    },

    video: async (taskId: string) => (await call<Video>("GET", `/v1/videos/${taskId}`)).body,

    /** Follows a finished task to its bytes: the answer's promise, and the hash of what the link gives. */
    async download(
      fileId: string,
    ): Promise<{ promised: DownloadVideoResponse; sha256: string; bytes: number }> {
      const { body } = await call<DownloadVideoResponse>("GET", `/v1/videos/download/${fileId}`);
      const response = await fetch(body.download_url);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return { promised: body, sha256, bytes: bytes.byteLength };
    },

    /** What the simulator saw and would bill, for orders whose prompt contains the text. */
    async ledger(prompt: string): Promise<Ledger> {
      const url = `${simulator.url}/simulator/ledger?prompt=${encodeURIComponent(prompt)}`;
      return (await (await fetch(url)).json()) as Ledger;
    },

    /** How many creates the simulator takes in a minute of its time; null for any, 0 for none. */
    async limit(requestsPerMinute: number | null): Promise<void> {
      const body = JSON.stringify({ requestsPerMinute });
      const answer = await fetch(`${simulator.url}/simulator/settings`, { method: "PUT", body });
      if (!answer.ok) throw new Error(`the simulator refused the limit: ${await answer.text()}`);
    },

    /** The machine loses power: every process of the Worker dies at once. */
    crash: () => worker.process.kill(),
    restart: async () => {
      worker = await start();
    },
    /** What the local R2 holds for a file: its object, and uploads that nobody has completed or aborted. */
    async inBucket(fileId: string): Promise<{ objects: number; uploads: number }> {
      const bucket = join(folder, "v3", "r2", "miniflare-R2BucketObject");
      const names = (await readdir(bucket)).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
      const counts = names.map((name) => {
        const db = new DatabaseSync(join(bucket, name), { readOnly: true });
        const count = (sql: string) => Number(db.prepare(sql).get(`videos/${fileId}.mp4`)?.count);
        const objects = count("SELECT count(*) AS count FROM _mf_objects WHERE key = ?");
        const uploads = count(
          "SELECT count(*) AS count FROM _mf_multipart_uploads WHERE key = ? AND state = 0",
        );
        db.close();
        return { objects, uploads };
      });
      return {
        objects: counts.reduce((sum, one) => sum + one.objects, 0),
        uploads: counts.reduce((sum, one) => sum + one.uploads, 0),
      };
    },
    output: () => worker.process.output(),
    async stop() {
      await worker.process.stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
