/** filmgate in workerd, as `wrangler dev` runs it: started, waited for, killed and started again on its storage. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ProcessGroup, startGroup } from "./process-group.ts";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Secrets of a Worker that nobody else can reach: it listens on loopback, for as long as a demo or a test runs. */
export const localSettings = {
  ADMIN_KEY: "local-admin-key-of-the-simulator-setup",
  LINK_KEYS: "local:local-link-secret-of-the-simulator-setup",
  MINIMAX_API_KEY: "simulator-key",
} as const;

export type WorkerOptions = Readonly<{
  port: number;
  /** Where Durable Objects and the bucket live; the same folder again finds them as they were. */
  persistTo: string;
  vars: Readonly<Record<string, string>>;
}>;

/** Settings that point a Worker at a simulator, and make its time run as fast; `port` tells where it is reached itself. */
export function settingsFor(simulatorUrl: string, speed: number, port: number): Record<string, string> {
  return {
    MINIMAX_BASE_URL: simulatorUrl,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TIME_SCALE: String(1 / speed),
    ...localS3(port),
  };
}

/** R2's S3 endpoint on this machine, which wrangler serves on its own port; the credentials stand in wrangler.toml. */
export function localS3(port: number): Record<string, string> {
  return {
    R2_S3_ENDPOINT: `http://127.0.0.1:${port}/cdn-cgi/local/r2/s3`,
    R2_S3_BUCKET: "filmgate-videos",
    R2_S3_ACCESS_KEY_ID: "local-access-key",
    R2_S3_SECRET_ACCESS_KEY: "local-secret-access-key",
  };
}

export type Worker = Readonly<{ url: string; process: ProcessGroup }>;

const startLimitMs = 60_000;

/**
 * Starts the Worker and waits until it answers.
 * @throws Error with wrangler's own output if it does not.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const url = `http://127.0.0.1:${options.port}`;
  const vars = Object.entries({ ...localSettings, ...options.vars }).flatMap(([name, value]) => [
    "--var",
    `${name}:${value}`,
  ]);
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  const process_ = startGroup(
    process.execPath,
    [
      wrangler,
      "dev",
      ...["--ip", "127.0.0.1", "--port", String(options.port), "--inspector-port", "0"],
      ...["--persist-to", options.persistTo, "--show-interactive-dev-session=false", "--log-level", "log"],
      ...vars,
    ],
    { cwd: root, env: { ...process.env, ...quiet } },
  );
  const end = Date.now() + startLimitMs;
  while (Date.now() < end && !process_.hasExited()) {
    const healthy = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return { url, process: process_ };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await process_.kill();
  throw new Error(`the Worker did not start:\n${process_.output()}`);
}

/** No account, no network, no questions. */
const quiet = {
  CI: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG_SANITIZE: "true",
};

/** Makes an API key, as the owner of the deployment would. */
export async function makeKey(url: string, name: string, account?: string): Promise<string> {
  const response = await fetch(`${url}/v1/admin/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${localSettings.ADMIN_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ name, ...(account === undefined ? {} : { account }) }),
  });
  if (response.status !== 201)
    throw new Error(`making a key answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
}
