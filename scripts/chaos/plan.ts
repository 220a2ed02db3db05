/**
 * What a run will do, drawn from its seed alone and before anything starts: the orders, how MiniMax and the network
 * misbehave for each, who gives it and how that caller behaves, and when the Worker is killed. The same seed is the
 * same plan; what workerd makes of it depends on the machine's pace as well.
 */

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** How existing clients behave when an answer is lost or late; each was measured, not thought up. */
export const callerKinds = [
  /** openai, runway, luma: three POSTs within seconds, without a key. */
  "repeats-thrice",
  /** replicate: six POSTs within milliseconds. */
  "repeats-at-once",
  /** The AI SDK's start path and ours: one Idempotency-Key for all attempts, and for coming back hours later. */
  "sends-a-key",
  /** The same client, whose user adds the header to some orders only. */
  "sends-a-key-sometimes",
  /** The AI SDK's default: submit and poll in one retry, so a failed poll orders again. */
  "orders-again-on-a-failed-poll",
  /** Hangs up before it was answered, and comes back a while later. */
  "hangs-up",
  /** Orders, and takes it back. */
  "cancels",
  /** The same order from several connections at the same moment. */
  "sends-in-parallel",
] as const;
export type CallerKind = (typeof callerKinds)[number];

export type PlannedOrder = Readonly<{
  number: number;
  /** Unique: what is made and billed for it is found by this. */
  prompt: string;
  model: string;
  resolution: string;
  duration: number;
  withImage: boolean;
  /** A shape, on the wire that takes one. */
  ratio?: string;
  /** Index of the account that pays, and of its key. */
  account: number;
  key: number;
  caller: CallerKind;
  withIdempotencyKey: boolean;
  /** Whether it follows its task to the end, or leaves once it knows its name. */
  followsToTheEnd: boolean;
  /** Waits of this caller: after the order before it, until it hangs up, until it comes back, until it cancels. */
  gapMs: number;
  hangUpMs: number;
  comeBackMs: number;
  cancelMs: number;
}>;

/**
 * Every process of the Worker dies, so long after an order was given and it was up again from the last time; and so
 * long later it is started again.
 */
export type PlannedKill = Readonly<{ afterOrder: number; delayMs: number; downMs: number }>;

export type Plan = Readonly<{
  seed: number;
  accounts: number;
  keysPerAccount: number;
  orders: readonly PlannedOrder[];
  kills: readonly PlannedKill[];
  /** So long after the operator began to tell what became of held money, for once more. */
  killOfOperator: PlannedKill;
}>;

/** One faulty moment of each group at most; "" is a good day. Weights are by repetition. */
const faults = {
  create: [
    ...["", "", "", "", "", "", "", ""],
    ...["accept-then=drop", "accept-then=502", "accept-then=500", "accept-then=hang", "accept-then=garbage"],
    ...["accept-then=empty-id", "accept-then=1000", "accept-then=1024", "accept-then=named-1002"],
    ...["accept-then=drop", "accept-then=502", "create-drop=1", "create-http=502x1", "create-delay=1200"],
    ...["create-delay=300", "refuse=1002x2", "refuse=1039x1", "refuse=2056x1", "refuse=1026"],
  ],
  query: [
    ...["", "", "", "", "", ""],
    ...["query-drop=3", "query-http=503x3", "query-hang=1", "query-code=2013x2", "query-garbage=2"],
    ...["no-file=2", "odd-status=2", "empty-status=1", "fail=1027", "fail=none"],
  ],
  file: [
    ...["", "", "", "", ""],
    ...["retrieve-drop=2", "retrieve-http=503x1", "retrieve-hang=1", "file-cut=2", "file-truncated=2"],
    ...[
      "file-empty=1",
      "file-hang=1",
      "file-http=500x2",
      "file-nolength",
      "file-slow=60000",
      "url-expired=2",
    ],
    ...["file-pad=3000000", "file-pad=3000000 file-cut=1", "file-pad=9000000 file-nolength"],
  ],
  callback: [
    ...["", "", "", "", "callback-none", "callback-storm=10", "callback-reorder", "callback-late=1500"],
    ...["callback-early", "callback-forged", "callback-reorder callback-forged", "callback-storm=3"],
  ],
  /** What only the second wire has: a queue that a video can be had back from, and ends that nobody asked for. */
  queue: [
    ...[
      "",
      "",
      "",
      "",
      "queue=1500",
      "queue=1500",
      "queue=4000 delete-drop=1",
      "queue=4000 delete-then=drop",
    ],
    ...["queue=4000 delete-then=502", "queue=1500 delete-http=503x1", "expired", "cancelled"],
  ],
  pace: ["", "", "", "", "instant", "late=2", "late=3", "late=5"],
} as const;

type Video = Pick<PlannedOrder, "model" | "resolution" | "duration" | "withImage" | "ratio"> & {
  wire: "v1" | "v2";
};

const hailuo = [
  { model: "MiniMax-Hailuo-2.3", resolution: "768P", duration: 6, withImage: false },
  { model: "MiniMax-Hailuo-2.3", resolution: "768P", duration: 10, withImage: false },
  { model: "MiniMax-Hailuo-2.3", resolution: "1080P", duration: 6, withImage: false },
  { model: "MiniMax-Hailuo-02", resolution: "768P", duration: 6, withImage: false },
  { model: "MiniMax-Hailuo-2.3-Fast", resolution: "768P", duration: 6, withImage: true },
  { model: "MiniMax-Hailuo-02", resolution: "512P", duration: 6, withImage: true },
] as const;
const h3 = [
  { model: "MiniMax-H3", resolution: "768P", duration: 5, withImage: false, ratio: "1:1" },
  { model: "MiniMax-H3", resolution: "768P", duration: 4, withImage: true },
  { model: "MiniMax-H3-Max", resolution: "480P", duration: 5, withImage: false, ratio: "9:16" },
] as const;
const videos: readonly Video[] = [
  ...hailuo.map((video) => ({ ...video, wire: "v1" as const })),
  ...h3.map((video) => ({ ...video, wire: "v2" as const })),
];

/** A word of the other wire would be refused, as a misspelt one is. */
function isHeardOn(wire: Video["wire"], words: string): boolean {
  if (wire === "v2") return !words.includes("retrieve-");
  return !faults.queue.some((own) => own !== "" && own === words);
}

/** Draws a plan. */
export function planRun(about: { seed: number; tasks: number; kills: number }): Plan {
  const { seed, tasks, kills } = about;
  const random = xoroshiro128plus(seed);
  const between = (from: number, to: number) => uniformInt(random, from, to);
  const chance = (percent: number) => between(1, 100) <= percent;
  const pick = <T>(from: readonly T[]): T => from[between(0, from.length - 1)] as T;
  const [accounts, keysPerAccount] = [3, 2];
  const orders = Array.from({ length: tasks }, (_, index): PlannedOrder => {
    const caller = pick(callerKinds);
    const { wire, ...video } = pick(videos);
    const scenario = Object.values(faults)
      .map((group) => pick<string>(group.filter((words) => isHeardOn(wire, words))))
      .filter((words) => words !== "")
      .join(" ");
    return {
      number: index + 1,
      prompt: `Film ${index + 1} of ${tasks}, seed ${seed}.${scenario === "" ? "" : ` [sim: ${scenario}]`}`,
      ...video,
      account: between(0, accounts - 1),
      key: between(0, keysPerAccount - 1),
      caller,
      withIdempotencyKey: caller === "sends-a-key" || (caller === "sends-a-key-sometimes" && chance(50)),
      followsToTheEnd: chance(40),
      gapMs: between(0, 700),
      hangUpMs: between(1, 400),
      comeBackMs: between(200, 6000),
      cancelMs: between(0, 2500),
    };
  });
  const kill = (afterOrder: number): PlannedKill => ({
    afterOrder,
    // From an instant, which meets creates, to seconds, in which videos come to be stored.
    delayMs: between(100, 5000),
    downMs: between(0, 1200),
  });
  return {
    seed,
    accounts,
    keysPerAccount,
    orders,
    // The last fall on the settling: what is left to do when nobody orders any more.
    kills: Array.from({ length: kills }, () => kill(between(1, tasks + Math.ceil(tasks / 20)))).sort(
      (one, other) => one.afterOrder - other.afterOrder,
    ),
    killOfOperator: kill(tasks),
  };
}
