/** What a run proves, from what was seen of it: one row for each promise, and every miss by name. Pure. */

import type { CallerNotes } from "./callers.ts";
import type { Told } from "./operator.ts";
import type { Bill, SeenFile, SeenTask } from "./survey.ts";
import type { Delivery } from "./webhooks.ts";

export type Facts = Readonly<{
  notes: readonly CallerNotes[];
  tasks: readonly SeenTask[];
  bill: Bill;
  money: Record<"reserved" | "settled" | "released" | "held", number>;
  files: readonly SeenFile[];
  operator: Told;
  kills: number;
  deliveries: readonly Delivery[];
}>;

/** `misses` is null where a row only tells something. */
export type Row = Readonly<{ name: string; value: string; misses: readonly string[] | null }>;

export function judge(facts: Facts): Row[] {
  const { notes, tasks, bill, money, files, operator } = facts;
  const ids = new Set(tasks.map(({ listed }) => listed.id));
  const takenBack = new Set(notes.filter(({ tookBack }) => tookBack).map(({ order }) => order.prompt));
  const told = notes.flatMap(({ taskIds, order }) => [...taskIds].map((id) => ({ id, order })));
  const gone = told.filter(({ id, order }) => !ids.has(id) && takenBack.has(order.prompt));
  const unfinished = tasks.filter(
    ({ listed, told }) => !hasEnded(listed) || told === null || !hasEnded(told),
  );
  const billed = bill.tasks.filter((task) => task.billed);
  const stored = new Map(files.map(({ fileId, sha256 }) => [fileId, sha256]));
  const hashes = new Set(stored.values());
  const succeeded = tasks.flatMap(({ told, contentSha256 }) =>
    told?.status === "completed" ? [{ video: told, contentSha256 }] : [],
  );

  const lost = [
    ...told
      .filter(({ id, order }) => !ids.has(id) && !takenBack.has(order.prompt))
      .map(({ id, order }) => `${id} was told to a caller and is unknown: ${order.prompt}`),
    ...unfinished.map(({ listed, told }) => `${listed.id} is ${told?.status ?? "unknown"}: ${listed.prompt}`),
    ...billed
      .filter(({ prompt, sha256 }) => !takenBack.has(prompt) && (sha256 === null || !hashes.has(sha256)))
      .map(
        ({ task_id, prompt, state }) =>
          `MiniMax's ${task_id} (${state}) was paid and is not stored: ${prompt}`,
      ),
  ];
  const twice = Object.entries(Object.groupBy(billed, ({ prompt }) => prompt)).flatMap(
    ([prompt, paid = []]) =>
      paid.slice(1).map(({ task_id }) => `MiniMax's ${task_id} is one more for: ${prompt}`),
  );
  const made = Object.groupBy(bill.tasks, ({ prompt }) => prompt);
  const wrongBytes = succeeded.flatMap(({ video, contentSha256 }) => {
    const right = (made[video.prompt ?? ""] ?? []).some(({ sha256 }) => sha256 === contentSha256);
    const isSame = video.sha256 === contentSha256 && stored.get(video.file_id ?? "") === contentSha256;
    return right && isSame
      ? []
      : [`${video.id} gives ${contentSha256}, and tells ${video.sha256}: ${video.prompt}`];
  });
  const strays = files
    .filter(({ fileId }) => !succeeded.some(({ video }) => video.file_id === fileId))
    .map(({ fileId }) => `${fileId} belongs to no task that succeeded`);
  const open = money.reserved + money.held;
  const stale = tasks
    .filter(({ listed, told }) => told !== null && differs(listed, told))
    .map(({ listed, told }) => `${listed.id} is listed as ${inShort(listed)}, and is ${inShort(told)}`);

  return [
    tells("orders given", String(notes.length)),
    tells("the Worker killed and restarted", `${facts.kills} times`),
    tells("tasks accepted", String(tasks.length + gone.length)),
    checked(
      "tasks ended",
      `${tasks.length - unfinished.length + gone.length}`,
      unfinished.map(({ listed }) => listed.id),
    ),
    checked("tasks lost", String(lost.length), lost),
    checked("paid creates beyond one per order", String(twice.length), twice),
    checked(
      "files with other bytes than MiniMax made",
      `${wrongBytes.length} of ${succeeded.length}`,
      wrongBytes,
    ),
    checked("files of no succeeded task", String(strays.length), strays),
    checked(
      "settled, and MiniMax's bill",
      `${usd(money.settled)} and ${usd(bill.billed_micro_usd)}`,
      money.settled === bill.billed_micro_usd
        ? []
        : [`they differ by ${usd(money.settled - bill.billed_micro_usd)}`],
    ),
    checked(
      "reserved or held at the end",
      usd(open),
      open === 0 ? [] : [`reserved ${usd(money.reserved)}, held ${usd(money.held)}`],
    ),
    checked("tasks that the account tells otherwise", String(stale.length), stale),
    tells("resolved by the operator", `${operator.named} named, ${operator.notCharged} not charged`),
    judgeWebhooks(facts),
    judgeAnswers(notes),
  ];
}

function judgeWebhooks({ tasks, deliveries }: Facts): Row {
  const ended = tasks.filter(({ listed, told }) => hasEnded(told ?? listed));
  const misses = ended.flatMap(({ listed, told }) => {
    const type = typeOf(told ?? listed);
    const heard = deliveries.filter((delivery) => delivery.taskId === listed.id && delivery.type === type);
    if (heard.length === 0) return [`${listed.id} ended, and nobody was told ${type}`];
    const isGenuine = heard.every(({ isSigned, id }) => isSigned && id !== "");
    return isGenuine ? [] : [`${listed.id} was told of without a good signature`];
  });
  const value = `${ended.length - misses.length} of ${ended.length}`;
  return checked("webhooks delivered at least once", value, misses);
}

/** What callers saw that they should not: an error of ours while the Worker was up. */
function judgeAnswers(notes: readonly CallerNotes[]): Row {
  const troubles = notes.flatMap(({ order, troubles }) => troubles.map((one) => `${one}: ${order.prompt}`));
  return checked("answers that no client should get", String(troubles.length), troubles);
}

type Ending = { status: string; error: { code: string } | null; cost: { state: string } };

function typeOf({ status, error }: Ending): Delivery["type"] {
  if (status === "completed") return "video.succeeded";
  return error?.code === "cancelled" ? "video.cancelled" : "video.failed";
}

function hasEnded({ status, cost }: Ending): boolean {
  return (status === "completed" || status === "failed") && cost.state !== "reserved";
}

function differs(one: Ending, other: Ending): boolean {
  return inShort(one) !== inShort(other);
}

function inShort(task: Ending | null): string {
  return task === null ? "unknown" : `${task.status} ${task.error?.code ?? ""} ${task.cost.state}`;
}

function usd(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(2)}`;
}

function tells(name: string, value: string): Row {
  return { name, value, misses: null };
}

function checked(name: string, value: string, misses: readonly string[]): Row {
  return { name, value, misses };
}
