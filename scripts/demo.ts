/**
 * The main job, seen from outside: a prompt and an image become videos at signed links, offline.
 * Everything here is what a caller does, with the published client; the Worker runs in workerd, MiniMax is the simulator.
 */

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Filmgate } from "../src/client/filmgate.ts";
import type { DownloadVideoResponse, QueryVideoResponse } from "../src/contract.ts";
import { startSimulator } from "../src/simulator/server.ts";
import { freePort } from "./free-port.ts";
import { accent, bold, dim, startProgress } from "./terminal.ts";
import { localSettings, makeKey, root, settingsFor, startWorker } from "./worker.ts";

/** How much faster than MiniMax the simulator works; every wait of ours shrinks with it. */
const speed = 40;
const outputFolder = join(root, "demo-output");

const fileMark = "FIRST-FRAME";

// Ended by hand, it takes along what it started: workerd does not hear the terminal's Ctrl-C.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const orders = [
  {
    name: "text-to-video",
    body: { model: "MiniMax-Hailuo-2.3", prompt: "A low sun sinks behind drifting hills [Static shot]" },
    shown: "",
  },
  {
    name: "image-to-video",
    body: {
      model: "MiniMax-Hailuo-2.3-Fast",
      prompt: "The hills drift by, slowly",
      first_frame_image: (await readFile(join(root, "scripts", "first-frame.jpg"))).toString("base64"),
    },
    shown: "scripts/first-frame.jpg",
  },
];

const folder = await mkdtemp(join(tmpdir(), "filmgate-demo-"));
const simulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
let failed = false;
try {
  const port = await freePort(8787);
  const worker = await startWorker({
    port,
    persistTo: folder,
    vars: settingsFor(simulator.url, speed, port),
  });
  try {
    console.log(
      `${bold("filmgate")} at ${worker.url}, ${dim(`MiniMax simulated at ${simulator.url}, ${speed} times faster than life`)}\n`,
    );
    const key = await makeKey(worker.url, "demo");
    await mkdir(outputFolder, { recursive: true });
    for (const order of orders) await makeVideo(worker.url, key, order);
    await checkBill();
    console.log(
      dim(
        "The links lived as long as this demo. `npm run dev` keeps everything up, with a key and a curl to paste.",
      ),
    );
  } finally {
    await worker.process.stop();
  }
} catch (error) {
  failed = true;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function makeVideo(url: string, key: string, order: (typeof orders)[number]): Promise<void> {
  const { video } = new Filmgate({ apiKey: key, baseUrl: url });
  console.log(
    `${bold(order.name)}  ${order.body.prompt}${order.shown === "" ? "" : dim(`  (first frame: ${order.shown})`)}`,
  );
  const created = await video.create(order.body);
  console.log(`  ${created.task_id}  ${dim(`would cost $${created.estimated_cost_usd?.toFixed(2)}`)}`);

  const progress = startProgress();
  const over = await video.queryAndWait(created.task_id, {
    pollIntervalMs: 250,
    onProgress: (status) => progress.show(status.progress, wordFor(status)),
  });
  progress.end();

  const download = await video.downloadVideo(over.file_id);
  const bytes = await fetchLink(download);
  const fromR2 = await video.downloadVideo(over.file_id, { via: "r2", expiresIn: 3600 });
  await fetchLink(fromR2);
  const path = join(outputFolder, `${order.name}.mp4`);
  await writeFile(path, bytes);

  // In the shell's single quotes, the image is read from its file by the shell itself.
  const fromFile = `'"$(base64 < ${order.shown} | tr -d '\\n')"'`;
  const json = JSON.stringify(order.body, (name, value) =>
    name === "first_frame_image" ? fileMark : value,
  ).replace(fileMark, fromFile);
  console.log(
    `  ${bytes.byteLength} bytes, SHA-256 ${download.sha256.slice(0, 16)}…, as the answer said and MiniMax made it`,
  );
  console.log(`  ${dim("link ")}  ${accent(download.download_url)}`);
  console.log(`  ${dim("by R2")}  ${fromR2.download_url}  ${dim("for an hour, served by R2 itself")}`);
  console.log(`  ${dim("saved")}  ${relative(process.cwd(), path)}`);
  console.log(
    `  ${dim("embed")}  <video controls playsinline preload="metadata" src="${download.download_url.replaceAll("&", "&amp;")}"></video>`,
  );
  console.log(
    `  ${dim("curl ")}  curl ${url}/v1/videos/generations -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${json}'\n`,
  );
}

function wordFor({ status, progress }: QueryVideoResponse): string {
  if (status === "Success") return "done";
  if (progress === 0) return "in the queue";
  return progress < 95 ? "MiniMax is making it" : "storing";
}

/** What the link gives must be what the answer promised, and what the provider made. */
async function fetchLink(download: DownloadVideoResponse): Promise<Uint8Array> {
  const response = await fetch(download.download_url);
  if (response.status !== 200)
    throw new Error(`the link answered ${response.status}: ${await response.text()}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (bytes.byteLength !== download.bytes)
    throw new Error(`the link gave ${bytes.byteLength} bytes, not ${download.bytes}`);
  if (sha256 !== download.sha256) throw new Error("the link gave other bytes than the answer promised");
  if (!(await ledger()).tasks.some((task) => task.sha256 === sha256))
    throw new Error("MiniMax made another file");
  return bytes;
}

async function checkBill(): Promise<void> {
  const { creates, billed } = await ledger();
  if (creates !== orders.length || billed !== orders.length) {
    throw new Error(`${orders.length} orders became ${creates} creates, ${billed} of them billed`);
  }
  console.log(
    `${orders.length} orders, ${creates} creates at MiniMax, ${billed} billed: each was paid once.`,
  );
}

async function ledger(): Promise<{ creates: number; billed: number; tasks: { sha256: string }[] }> {
  const response = await fetch(`${simulator.url}/simulator/ledger`);
  return (await response.json()) as { creates: number; billed: number; tasks: { sha256: string }[] };
}
