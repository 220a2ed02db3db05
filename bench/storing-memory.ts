/**
 * How much memory storing takes: the peak of workerd's resident memory while files of growing size are stored,
 * over what it takes at rest. Locally workerd holds the R2 simulation as well, so only the growth with the size
 * tells something. Linux only: it reads /proc. Run with `npm run bench:storing`.
 */

import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../scripts/free-port.ts";
import { localSettings, makeKey, startWorker } from "../scripts/worker.ts";
import { startSimulator } from "../src/simulator/server.ts";

const speed = 100;
const megabytes = [1, 30, 100, 300, 600];
for (const model of ["MiniMax-Hailuo-2.3", "MiniMax-H3"]) await measure(model);

/** Each model in a process of its own, since workerd gives back little of what it once had. */
async function measure(model: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "filmgate-bench-"));
  const simulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
  const worker = await startWorker({
    port: await freePort(),
    persistTo: folder,
    vars: { MINIMAX_BASE_URL: simulator.url, TIME_SCALE: String(1 / speed) },
  });
  try {
    const key = await makeKey(worker.url, "bench");
    const stored = (size: number, scenario = "") => store(worker.url, { model, size, key, scenario });
    await stored(1);
    const rest = residentMegabytes();
    console.log(`${model}, at rest ${rest} MB`);
    for (const size of megabytes) {
      for (const length of ["known length", "no length"]) {
        const peak = await stored(size, length === "no length" ? "file-nolength" : "");
        console.log(
          `${String(size).padStart(3)} MB, ${length.padEnd(12)}  peak ${peak} MB, ${(peak / rest).toFixed(2)} of rest`,
        );
      }
    }
  } finally {
    await worker.process.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores one file; gives the peak while it was under way. */
async function store(
  url: string,
  { model, size, key, scenario }: { model: string; size: number; key: string; scenario: string },
): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const prompt = `bench [sim: instant file-pad=${size * 1_000_000} ${scenario}]`;
  const body = JSON.stringify({ model, prompt });
  const created = await fetch(`${url}/v1/videos/generations`, { method: "POST", headers, body });
  const { task_id } = (await created.json()) as { task_id: string };
  let peak = 0;
  for (;;) {
    peak = Math.max(peak, residentMegabytes());
    const answer = await fetch(`${url}/v1/videos/query/${task_id}`, { headers });
    const { status } = (await answer.json()) as { status: string };
    if (status === "Success") return peak;
    if (status === "Fail") throw new Error(`${prompt} failed`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The largest workerd that descends from this process: the one that runs the Worker. */
function residentMegabytes(): number {
  const sizes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return command === "workerd" && resident !== undefined && isDescendant(pid)
          ? [Number(resident) / 1024]
          : [];
      } catch {
        return [];
      }
    });
  return Math.round(Math.max(0, ...sizes));
}

function isDescendant(pid: string): boolean {
  for (let at = pid; at !== "0" && at !== "1"; ) {
    if (at === String(process.pid)) return true;
    at = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1] ?? "0";
  }
  return false;
}
