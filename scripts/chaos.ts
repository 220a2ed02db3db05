/**
 * `npm run chaos -- [--tasks 300] [--seed N] [--kills N] [--at-once 24]`: many orders at once, while workerd is killed
 * again and again, MiniMax and the network misbehave, and callers repeat themselves as real clients do. In the end
 * every promise is checked against MiniMax's own books; a miss is a non-zero exit. A seed replays its plan.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type CallerNotes, fieldsOf, giveOrder } from "./chaos/callers.ts";
import { resolveHeld } from "./chaos/operator.ts";
import { type PlannedKill, planRun } from "./chaos/plan.ts";
import { setStage, sleep } from "./chaos/stage.ts";
import { readBill, sumMoney, surveyBucket, surveyTasks, untilSettled } from "./chaos/survey.ts";
import { judge } from "./chaos/verdict.ts";
import { startReceiver } from "./chaos/webhooks.ts";
import { bold, dim, startProgress } from "./terminal.ts";
import { root } from "./worker.ts";

/** The longest that anything may take by design: a day of waiting for evidence is 86 s here, plus backoff. */
const settleLimitMs = 240_000;
const operatorLimitMs = 120_000;
const webhookLimitMs = 60_000;
const shownMisses = 20;

// Ended by hand, it takes along what it started: workerd does not hear the terminal's Ctrl-C.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const { tasks, seed, kills, atOnce } = readFlags();
const plan = planRun({ seed, tasks, kills });
const image = (await readFile(join(root, "scripts", "first-frame.jpg"))).toString("base64");
console.log(`${bold("chaos")}  ${tasks} orders, ${kills} kills, seed ${seed}`);
console.log(
  dim(`again with the same plan: npm run chaos -- --tasks ${tasks} --kills ${kills} --seed ${seed}`),
);

const began = Date.now();
const progress = startProgress();
const receiver = await startReceiver();
const stage = await setStage(plan);
try {
  const notes = await giveAll();
  progress.show(75, "waiting until every task has ended");
  await untilSettled(stage, settleLimitMs);
  progress.show(88, "the operator looks up what nobody knows");
  const killing = killOnce(plan.killOfOperator);
  const operator = await resolveHeld(stage, operatorLimitMs);
  await killing;
  await untilSettled(stage, operatorLimitMs);
  progress.show(95, "comparing with MiniMax's books");
  const seen = await surveyTasks(stage);
  await receiver.untilTold(
    seen.map(({ listed }) => listed.id),
    webhookLimitMs,
  );
  const deliveries = await receiver.deliveries(stage);
  const [bill, money] = [await readBill(stage), await sumMoney(stage)];
  await stage.stop();
  const files = await surveyBucket(stage.folder);
  progress.end();
  const kills = stage.kills();
  print(judge({ notes, tasks: seen, bill, money, files, operator, kills, deliveries }));
} catch (error) {
  progress.end();
  console.error(error instanceof Error ? error.message : error);
  console.error(dim(stage.output().slice(-4000)));
  process.exitCode = 1;
} finally {
  await receiver.close();
  await stage.clear();
}

/** Gives every order, a few at once, while the Worker is killed at the moments of the plan. */
async function giveAll(): Promise<CallerNotes[]> {
  const notes: CallerNotes[] = [];
  let given = 0;
  const killing = (async () => {
    for (const kill of plan.kills) {
      // Those planned beyond the last order fall on the time when the last callers leave.
      while (given < Math.min(kill.afterOrder, tasks)) await sleep(20);
      await killOnce(kill);
    }
  })();
  const giving = new Set<Promise<void>>();
  for (const order of plan.orders) {
    await sleep(order.gapMs);
    while (giving.size >= atOnce) await Promise.race(giving);
    given += 1;
    progress.show((70 * given) / tasks, "ordering, while the Worker dies now and then");
    const one = giveOrder(stage, order, fieldsOf(order, image, receiver.field())).then((known) => {
      notes.push(known);
      giving.delete(one);
    });
    giving.add(one);
  }
  await Promise.all([...giving, killing]);
  return notes;
}

async function killOnce({ delayMs, downMs }: PlannedKill): Promise<void> {
  await sleep(delayMs);
  await stage.kill(downMs);
}

function print(rows: ReturnType<typeof judge>): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log("");
  for (const { name, value, misses } of rows) {
    const mark = misses === null ? " " : misses.length === 0 ? "✓" : "✗";
    console.log(`  ${mark} ${name.padEnd(width)}  ${misses?.length ? bold(value) : value}`);
  }
  const missed = rows.filter(({ misses }) => (misses?.length ?? 0) > 0);
  for (const { name, misses } of missed) {
    console.log(`\n${bold(name)}`);
    for (const miss of misses?.slice(0, shownMisses) ?? []) console.log(`  ${miss}`);
    const more = (misses?.length ?? 0) - shownMisses;
    if (more > 0) console.log(dim(`  and ${more} more`));
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `\n${missed.length === 0 ? "nothing was missed" : `${missed.length} promises were missed`}, in ${seconds} s, seed ${seed}`,
  );
  if (missed.length > 0) process.exitCode = 1;
}

function readFlags() {
  const { values } = parseArgs({
    options: {
      tasks: { type: "string", default: "300" },
      seed: { type: "string" },
      kills: { type: "string" },
      "at-once": { type: "string", default: "24" },
    },
  });
  const number = (name: string, text: string, least: number) => {
    const value = Number(text);
    if (text !== "" && Number.isInteger(value) && value >= least && value < 2 ** 31) return value;
    console.error(`--${name} cannot be "${text}"`);
    return process.exit(2);
  };
  const tasks = number("tasks", values.tasks, 1);
  return {
    tasks,
    // A fresh seed finds more than one that was seen before; it is printed, and replays its plan.
    seed: number("seed", values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0),
    kills: number("kills", values.kills ?? String(Math.ceil(tasks / 15)), 0),
    atOnce: number("at-once", values["at-once"], 1),
  };
}
