/**
 * The very file that a deploy uploads, run in workerd by Miniflare, with nothing of the development server around it:
 * it names the settings it lacks, and with them it does the main job.
 */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, makeKey, root } from "../../scripts/worker.ts";
import type { CreateVideoResponse, QueryVideoResponse } from "../../src/contract.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const run = promisify(execFile);
let folder: string;
let compatibilityDate: string;
beforeAll(async () => {
  const configuration = await readFile(join(root, "wrangler.toml"), "utf8");
  compatibilityDate = /^compatibility_date = "(.+)"/m.exec(configuration)?.[1] ?? "";
  folder = await mkdtemp(join(tmpdir(), "filmgate-bundle-"));
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  await run(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
    cwd: root,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function boot(bindings: Record<string, string>): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      name: "filmgate",
      host: "127.0.0.1",
      modules: true,
      rootPath: folder,
      scriptPath: "index.js",
      compatibilityDate,
      bindings,
      durableObjects: {
        VIDEO_TASKS: { className: "VideoTask", useSQLite: true },
        ACCOUNTS: { className: "Account", useSQLite: true },
        PACER: { className: "Pacer", useSQLite: true },
      },
      r2Buckets: { VIDEOS: "filmgate-videos" },
      cf: false,
    }),
  );
}

describe("the deployed bundle", () => {
  it("without its secrets refuses everything, and names them", async () => {
    const miniflare = boot({ LINK_KEYS: "too-short" });
    try {
      const url = (await miniflare.ready).origin;
      const health = await fetch(`${url}/healthz`);
      const { problems } = (await health.json()) as { problems: string[] };
      expect(health.status).toBe(503);
      for (const name of ["MINIMAX_API_KEY", "ADMIN_KEY", "LINK_KEYS"])
        expect(problems.join()).toContain(name);
      const refused = await fetch(`${url}/v1/videos/models`);
      expect(refused.status).toBe(503);
      expect(await refused.text()).not.toContain("too-short");
    } finally {
      await miniflare.dispose();
    }
  });

  it("with them makes a prompt a video at a signed link", async () => {
    const simulator = await startSimulator({ speed: 100, keys: [localSettings.MINIMAX_API_KEY] });
    const miniflare = boot({ ...localSettings, MINIMAX_BASE_URL: simulator.url, TIME_SCALE: "0.01" });
    try {
      const url = (await miniflare.ready).origin;
      const headers = {
        authorization: `Bearer ${await makeKey(url, "bundle")}`,
        "content-type": "application/json",
      };
      const created = await fetch(`${url}/v1/videos/minimax/generations`, {
        method: "POST",
        headers,
        body: JSON.stringify({ model: "T2V-01", prompt: "Waves" }),
      });
      const { task_id } = (await created.json()) as CreateVideoResponse;
      const asked = await fetch(`${url}/v1/videos/query/${task_id}?wait=60&include_download_url=true`, {
        headers,
      });
      const { status, download_url } = (await asked.json()) as QueryVideoResponse;
      expect(status).toBe("Success");
      expect((await fetch(String(download_url))).headers.get("content-type")).toBe("video/mp4");
    } finally {
      await miniflare.dispose();
      await simulator.close();
    }
  });
});
