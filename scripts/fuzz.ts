/**
 * `npm run fuzz -- [--seed N] [--examples 40]`: schemathesis makes requests out of /openapi.json, right and wrong ones,
 * and holds every answer of a running gateway against it. MiniMax is the simulator, whose books tell at the end that
 * nothing was paid but what was answered with success, and that only once. What follows `--` again goes to it as it is.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ListAccountsResponse, Sums } from "../src/contract.ts";
import { startSimulator } from "../src/simulator/server.ts";
import { freePort } from "./free-port.ts";
import { type Create, compareBooks } from "./fuzz/books.ts";
import { startRecorder } from "./fuzz/recorder.ts";
import { cleanPython, makeEnvironment, requirePython, runIn } from "./python.ts";
import { bold, dim } from "./terminal.ts";
import { localSettings, root, settingsFor, startWorker } from "./worker.ts";

const speed = 100;
const settleLimitMs = 60_000;
const tools = join(root, "scripts", "fuzz");

// Ended by hand, it takes along what it started: workerd does not hear the terminal's Ctrl-C.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const { seed, examples, words } = readFlags();
const python = requirePython("fuzz");
const began = Date.now();
console.log(`${bold("fuzz")}  ${examples} examples of each operation, seed ${seed}`);
console.log(dim(`again with the same plan: npm run fuzz -- --examples ${examples} --seed ${seed}`));

const folder = await mkdtemp(join(tmpdir(), "filmgate-fuzz-"));
const environment = { ...process.env, ...cleanPython, PYTHONPATH: tools };
// No limit: what is refused for its pace would hide what is refused for its words.
const simulator = await startSimulator({
  ...{ speed, keys: [localSettings.MINIMAX_API_KEY] },
  ...{ requestsPerMinute: null, requestsPerMinuteV2: null },
});
const sink = await startSink();
try {
  const tool = await makeEnvironment(python, join(folder, "python"));
  const requirements = join(tools, "requirements.txt");
  if (
    (await runIn(tool, ["-m", "pip", "install", "--quiet", "-r", requirements], { env: environment })) !== 0
  )
    throw new Error("schemathesis could not be installed");
  const port = await freePort();
  const vars = settingsFor(simulator.url, speed, port);
  const worker = await startWorker({ port, persistTo: join(folder, "worker"), vars });
  const recorder = await startRecorder(worker.url);
  try {
    const asked = { gateway: worker.url, recorder: recorder.url, tool };
    const isClean = await fuzz(asked, "secret", examples, []);
    // What a page may do is less; its key is fuzzed where it is taken, and where it is refused.
    const visitors = ["--include-path-regex", "^/v1/(?!admin/)", "--phases", "examples,fuzzing"];
    const isCleanForPages = await fuzz(asked, "publishable", Math.ceil(examples / 4), visitors);
    const misses = await readBooks(worker.url, recorder.accepted());
    for (const miss of misses) console.error(`${bold("paid wrongly")}  ${miss}`);
    if (!isClean || !isCleanForPages || misses.length > 0) process.exitCode = 1;
    const statuses = [...recorder.statuses()].sort().map(([status, count]) => `${count} times ${status}`);
    console.log(`\nanswered ${statuses.join(", ")}`);
  } finally {
    await recorder.close();
    await worker.process.stop();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  sink.closeAllConnections();
  sink.close();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - began) / 1000);
console.log(
  `${process.exitCode === 1 ? "something is wrong" : "nothing was wrong"}, in ${seconds} s, seed ${seed}`,
);

/** One run with one kind of key; true if nothing was found. */
async function fuzz(
  { gateway, recorder, tool }: { gateway: string; recorder: string; tool: string },
  kind: "secret" | "publishable",
  most: number,
  more: readonly string[],
): Promise<boolean> {
  console.log(`\n${bold(`with a ${kind} key`)}`);
  const run = [
    ...["-m", "schemathesis.cli", "--config-file", join(tools, "schemathesis.toml")],
    ...["run", `${recorder}/openapi.json`, "--url", recorder],
    ...["--seed", String(seed), "--max-examples", String(most), ...more, ...words],
  ];
  const env = {
    ...environment,
    SCHEMATHESIS_HOOKS: "hooks",
    FUZZ_URL: gateway,
    FUZZ_SINK: `127.0.0.1:${(sink.address() as AddressInfo).port}`,
    FUZZ_ADMIN_KEY: localSettings.ADMIN_KEY,
    FUZZ_KIND: kind,
  };
  return (await runIn(tool, run, { cwd: folder, env })) === 0;
}

/** A receiver of webhooks, which passes MiniMax's challenge and forgets the rest. */
async function startSink(): Promise<Server> {
  const server = createServer((incoming, outgoing) => incoming.pipe(outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Waits until no money is in the air, and compares. */
async function readBooks(gateway: string, accepted: ReadonlySet<string>): Promise<string[]> {
  const end = Date.now() + settleLimitMs;
  let money = await sumMoney(gateway);
  while (money.reserved > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    money = await sumMoney(gateway);
  }
  const ledger = (await (await fetch(`${simulator.url}/simulator/ledger`)).json()) as {
    tasks: Create[];
    billed_micro_usd: number;
  };
  const count = ledger.tasks.filter(({ billed }) => billed).length;
  console.log(`\n${count} paid creates at MiniMax, ${accepted.size} tasks told to those who ordered`);
  return compareBooks({ creates: ledger.tasks, billedMicroUsd: ledger.billed_micro_usd, accepted, money });
}

async function sumMoney(gateway: string) {
  const headers = { authorization: `Bearer ${localSettings.ADMIN_KEY}` };
  const response = await fetch(`${gateway}/v1/admin/accounts`, { headers });
  const { data } = (await response.json()) as ListAccountsResponse;
  const sum = (field: keyof Sums) =>
    data.reduce((all, { usage }) => all + Math.round(usage.total[field] * 1_000_000), 0);
  return { reserved: sum("reserved_usd"), settled: sum("settled_usd"), held: sum("held_usd") };
}

function readFlags() {
  const { values, positionals } = parseArgs({
    options: { seed: { type: "string" }, examples: { type: "string", default: "40" } },
    allowPositionals: true,
  });
  const number = (name: string, text: string, least: number) => {
    const value = Number(text);
    if (text !== "" && Number.isInteger(value) && value >= least && value < 2 ** 31) return value;
    console.error(`--${name} cannot be "${text}"`);
    return process.exit(2);
  };
  return {
    // A fresh seed finds more than one that was seen before; it is printed, and replays its plan.
    seed: number("seed", values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0),
    examples: number("examples", values.examples, 1),
    words: positionals,
  };
}
