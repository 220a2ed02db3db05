/**
 * What filmgate costs at Cloudflare: the counts that test/bill keeps exact, times Cloudflare's list prices. Prints the
 * tables of docs/cost.md (`npm run cost`); a test sees that the page has them as they are.
 */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

type Counts = Record<string, number>;
type Bill = {
  worker: Counts;
  objects: Counts;
  alarmsSet: Counts;
  rowsWritten: Counts;
  rowsRead: number;
  bucket: Counts;
};
type Total = {
  worker: number;
  objects: number;
  written: number;
  read: number;
  classA: number;
  classB: number;
  /** Seconds for which an object is awake: an assumption, not a count. */
  seconds: number;
};

/** US dollars; from developers.cloudflare.com/workers/platform/pricing, /durable-objects/platform/pricing, /r2/pricing. */
export const prices = {
  worker: 0.3 / 1e6,
  objects: 0.15 / 1e6,
  gigabyteSecond: 12.5 / 1e6,
  written: 1 / 1e6,
  read: 0.001 / 1e6,
  classA: 4.5 / 1e6,
  classB: 0.36 / 1e6,
} as const;
/** An object is billed for 128 MB while it is awake, as 0.125 GB. */
const gigabytes = 0.125;

/** A day of the free plan. */
const free = {
  worker: 100_000,
  objects: 100_000,
  written: 100_000,
  read: 5_000_000,
  gigabyteSeconds: 13_000,
};

const file = new URL("../test/bill/counts.json", import.meta.url);
const counts = JSON.parse(readFileSync(file, "utf8")) as Record<string, Bill>;

const sum = (all: Counts) => Object.values(all).reduce((total, one) => total + one, 0);

/** @param seconds for which its objects are awake. */
function total(names: readonly string[], seconds: number): Total {
  const bills = names.map((name) => {
    const bill = counts[name];
    if (bill === undefined) throw new Error(`test/bill/counts.json has no ${name}`);
    return bill;
  });
  const all = (of: (bill: Bill) => number) => bills.reduce((sum, bill) => sum + of(bill), 0);
  const ofClass = (kind: string) => (bill: Bill) =>
    sum(Object.fromEntries(Object.entries(bill.bucket).filter(([name]) => name.startsWith(kind))));
  return {
    worker: all((bill) => sum(bill.worker)),
    objects: all((bill) => sum(bill.objects)),
    written: all((bill) => sum(bill.rowsWritten) + sum(bill.alarmsSet)),
    read: all((bill) => bill.rowsRead),
    classA: all(ofClass("A")),
    classB: all(ofClass("B")),
    seconds,
  };
}

function dollars(one: Total): number {
  const { worker, objects, written, read, classA, classB, seconds } = one;
  return (
    worker * prices.worker +
    objects * prices.objects +
    written * prices.written +
    read * prices.read +
    classA * prices.classA +
    classB * prices.classB +
    seconds * gigabytes * prices.gigabyteSecond
  );
}

/** What is done, by the names of its counts, and for how long its objects are awake. */
const videos: [title: string, names: string[], seconds: number][] = [
  ["a video, with callbacks", ["create", "callbacks to stored"], 8],
  ["a video, without callbacks", ["create without callbacks", "looks to stored"], 9],
  ["a video of MiniMax-H3, with callbacks", ["create of H3", "callbacks of H3 to stored"], 8.5],
  [
    "a video from an uploaded image",
    ["upload an image", "create from an uploaded image", "callbacks to stored"],
    8,
  ],
  ["a published video", ["create and publish", "callbacks to stored and published"], 8],
  [
    "a published video from an uploaded image, with its poster",
    ["upload an image", "create and publish from an uploaded image", "callbacks to stored and published"],
    8,
  ],
  ["a video whose caller is told by webhook", ["create with a webhook", "callbacks to stored and told"], 8.5],
  [
    "a video that makes a deploy hook due, with the call",
    ["create", "callbacks to stored, with a deploy hook", "a deploy hook is called"],
    8.5,
  ],
  ["a video that MiniMax does not make", ["create", "callbacks to failed"], 3],
  ["an order that MiniMax refuses", ["refused by MiniMax"], 2],
  [
    "a video that first stands in line",
    ["create under a limit, in line", "called from the line", "callbacks to stored"],
    8,
  ],
];
const operations: [title: string, names: string[], seconds: number][] = [
  ["a refusal of filmgate's own", ["refused by filmgate"], 0],
  ["a replay by Idempotency-Key", ["replay by Idempotency-Key"], 0],
  ["an order that joins", ["join"], 0],
  ["a ticket", ["make a ticket"], 0],
  ["an image, uploaded", ["upload an image"], 0],
  ["a query", ["query"], 0],
  ["a query with `?wait=30`, to its end", ["query with wait=30, nothing changing"], 0],
  ["a link", ["a link"], 0],
  ["a page of 20 of the list", ["a page of 20"], 0],
  ["usage", ["usage"], 0],
  ["deleting a video", ["delete"], 0],
  ["cancelling one of MiniMax-H3 in its queue", ["cancel of H3 while queued"], 1],
  ["a play: a signed link, whole", ["play: the whole file"], 0],
  ["a play: each range of it", ["play: a range"], 0],
  ["a published video: each range of it", ["a visit: the video"], 0],
  ["a published video's poster", ["a visit: the poster"], 0],
  ["a sweep, with one account", ["a sweep with nothing to do"], 0],
];

function row(title: string, one: Total): string {
  const { worker, objects, written, read, classA, classB, seconds } = one;
  const per1000 = `$${(dollars(one) * 1000).toFixed(4)}`;
  return `| ${[title, worker, objects, written, read, classA, classB, seconds, per1000].join(" | ")} |`;
}

const head = [
  "| what | Worker requests | object requests | rows written | rows read | R2 class A | R2 class B | seconds awake | a thousand |",
  "|---|---|---|---|---|---|---|---|---|",
];

function table(rows: typeof videos): string {
  return [...head, ...rows.map(([title, names, seconds]) => row(title, total(names, seconds)))].join("\n");
}

/** Where the money of a video goes. */
function parts(): string {
  const one = total(["create", "callbacks to stored"], 8);
  const shares: [string, number][] = [
    ["rows written", one.written * prices.written],
    ["duration", one.seconds * gigabytes * prices.gigabyteSecond],
    ["R2 class A", one.classA * prices.classA],
    ["object requests", one.objects * prices.objects],
    ["Worker requests", one.worker * prices.worker],
    ["R2 class B", one.classB * prices.classB],
    ["rows read", one.read * prices.read],
  ];
  const all = dollars(one);
  return [
    "| part of a video, with callbacks | a thousand | share |",
    "|---|---|---|",
    ...shares
      .sort(([, left], [, right]) => right - left)
      .map(
        ([name, cost]) => `| ${name} | $${(cost * 1000).toFixed(4)} | ${((cost / all) * 100).toFixed(0)} % |`,
      ),
  ].join("\n");
}

/** How many videos a day the free plan has room for, by each of its limits. */
function freeDay(): string {
  const one = total(["create", "callbacks to stored"], 8);
  const limits: [string, number, number][] = [
    ["rows written", free.written, one.written],
    ["duration, GB-s", free.gigabyteSeconds, one.seconds * gigabytes],
    ["object requests", free.objects, one.objects],
    ["Worker requests", free.worker, one.worker],
    ["rows read", free.read, one.read],
  ];
  return [
    "| limit of the free plan | a day | a video | videos a day |",
    "|---|---|---|---|",
    ...limits.map(([name, limit, used]) => `| ${name} | ${limit} | ${used} | ${Math.floor(limit / used)} |`),
  ].join("\n");
}

/** The tables of docs/cost.md. */
export function tables(): string[] {
  return [table(videos), parts(), table(operations), freeDay()];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(tables().join("\n\n"));
