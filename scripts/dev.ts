/** Keeps the simulator and the Worker up, and prints what one needs to call them: the URL, a key, a curl. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator } from "../src/simulator/server.ts";
import { freePort } from "./free-port.ts";
import { accent, bold, dim } from "./terminal.ts";
import { localSettings, makeKey, root, settingsFor, startWorker } from "./worker.ts";

const folder = join(root, ".wrangler", "dev");
const speed = Number(process.env.SIMULATOR_SPEED ?? 10);
const simulator = await startSimulator({
  port: await freePort(9797),
  speed,
  keys: [localSettings.MINIMAX_API_KEY],
});
const port = await freePort(8787);
const worker = await startWorker({
  port,
  persistTo: folder,
  vars: settingsFor(simulator.url, speed, port),
});
const key = await keyOfLastTime();

let ending = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end(0));

console.log(`${bold("filmgate")}   ${accent(worker.url)}  ${dim("what you make is kept in .wrangler/dev")}
${bold("playground")} ${accent(`${worker.url}/`)}  ${dim("open it in a browser, with the key below")}
${bold("simulator")}  ${accent(simulator.url)}  ${dim(`MiniMax, ${speed} times faster than life; what it would bill: /simulator/ledger`)}
${bold("key")}        ${key}
${bold("admin key")}  ${localSettings.ADMIN_KEY}

Order a video:
  curl ${worker.url}/v1/videos/generations -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
    -d '{"model": "MiniMax-Hailuo-2.3", "prompt": "Ocean waves crashing on a sandy beach at sunset"}'
Wait for it, and get its link:
  curl '${worker.url}/v1/videos/query/TASK_ID?wait=60&include_download_url=true' -H 'Authorization: Bearer ${key}'

${dim("Ctrl-C ends both.")}`);

await worker.process.exited;
await end(1);

/** The key is kept with what was made, so that a pasted curl still works tomorrow. */
async function keyOfLastTime(): Promise<string> {
  const path = join(folder, "key");
  const kept = await readFile(path, "utf8").catch(() => "");
  const answer = await fetch(`${worker.url}/v1/videos/models`, {
    headers: { authorization: `Bearer ${kept}` },
  });
  if (answer.ok) return kept;
  const made = await makeKey(worker.url, "dev");
  await writeFile(path, made);
  return made;
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  if (code !== 0) console.error(`the Worker ended by itself:\n${worker.process.output()}`);
  await worker.process.stop();
  await simulator.close();
  process.exit(code);
}
