/**
 * Where a run takes place: the simulator in this process, the Worker in workerd on storage of its own, killed and
 * started again on it; and the wire to both, as callers, the operator and Cloudflare's cron use it.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSimulator, startSimulator } from "../../src/simulator/server.ts";
import { freePort } from "../free-port.ts";
import { localSettings, makeKey, startWorker, type Worker } from "../worker.ts";

/** MiniMax is a hundred times faster than life, so that a kill may meet a video in any state … */
const speed = 100;
/** … and our own waits are shorter still: the day that evidence of a lost create may take is 86 seconds. */
const timeScale = 0.001;
const sweepEveryMs = 5000;

export type Answer<T> = Readonly<{ status: number; headers: Headers; body: T }>;
export type Stage = Awaited<ReturnType<typeof setStage>>;
export type Account = Readonly<{ name: string; keys: readonly string[] }>;

export async function setStage({ accounts, keysPerAccount }: { accounts: number; keysPerAccount: number }) {
  const simulator: RunningSimulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
  const folder = await mkdtemp(join(tmpdir(), "filmgate-chaos-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const vars = { MINIMAX_BASE_URL: simulator.url, PUBLIC_URL: url, TIME_SCALE: String(timeScale) };
  const start = () => startWorker({ port, persistTo: folder, vars });
  let worker: Worker = await start();
  let kills = 0;
  let isUp = true;

  /** One request; rejects as `fetch` does when the connection is lost. */
  async function call<T>(
    key: string,
    method: string,
    path: string,
    about: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...about.headers },
      signal: about.signal ?? AbortSignal.timeout(30_000),
      ...(about.body === undefined ? {} : { body: JSON.stringify(about.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: readJson(text) as T };
  }

  /** The same, asked until it is answered: for those who only read, or may say a thing twice. */
  async function insist<T>(
    key: string,
    method: string,
    path: string,
    about: { body?: unknown } = {},
  ): Promise<Answer<T>> {
    for (let tries = 1; ; tries++) {
      const answer = await call<T>(key, method, path, about).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && answer.status < 500) return answer;
      if (tries > 40)
        throw new Error(
          `${method} ${path} is not answered: ${answer instanceof Error ? answer : answer.status}`,
        );
      await sleep(500);
    }
  }

  const owners: Account[] = [];
  for (let number = 1; number <= accounts; number++) {
    const name = `account-${number}`;
    await insist(localSettings.ADMIN_KEY, "POST", "/v1/admin/accounts", { body: { name } });
    const keys: string[] = [];
    for (let key = 1; key <= keysPerAccount; key++) keys.push(await makeKey(url, `key ${key}`, name));
    owners.push({ name, keys });
  }

  const sweep = () =>
    fetch(`${url}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*`, { signal: AbortSignal.timeout(20_000) }).then(
      (response) => response.text(),
    );
  // Under wrangler dev no cron fires by itself.
  const sweeping = setInterval(() => void (isUp && sweep().catch(() => {})), sweepEveryMs);

  return {
    simulator,
    url,
    folder,
    accounts: owners as readonly Account[],
    call,
    insist,
    admin: <T>(method: string, path: string, body?: unknown) =>
      insist<T>(localSettings.ADMIN_KEY, method, path, body === undefined ? {} : { body }),
    kills: () => kills,
    output: () => worker.process.output(),
    /** The machine loses power, and comes back after a while. */
    async kill(downMs: number) {
      isUp = false;
      await worker.process.kill();
      kills += 1;
      await sleep(downMs);
      worker = await start();
      isUp = true;
    },
    /** Ends the Worker; what it stored stays until `clear`. */
    async stop() {
      clearInterval(sweeping);
      await worker.process.stop();
    },
    async clear() {
      clearInterval(sweeping);
      await worker.process.stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
