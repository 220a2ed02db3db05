/**
 * The life of one video, as data: its states, what can happen to it, and what there is to do next.
 * What follows from an event is in advance.ts. Nothing here reads a clock or the network.
 */

import type { OutcomeCode, ProviderAnswer } from "../errors.ts";
import { fileIdOf } from "./ids.ts";
import { expectedSeconds, findModel, wireOf } from "./models.ts";
import type { Order } from "./order.ts";
import type { Poster } from "./poster.ts";
import { chargeOf, type Usage } from "./price.ts";
import type { Publication } from "./publication.ts";
import { times } from "./schedule.ts";

export type WebhookForm = "standard" | "minimax-v1" | "minimax-v2";

/** What an account admitted: all that a task needs to begin. */
export type Admission = Readonly<{
  taskId: string;
  account: string;
  order: Order;
  metadata: Readonly<Record<string, string>>;
  /** Where MiniMax can reach this deployment, or null: then no callback is asked for. */
  publicUrl: string | null;
  createdAt: number;
  /** What is reserved for it; null where the price is unknown. */
  priceMicroUsd: number | null;
  /** How long it is kept after it ended; null: for ever. */
  retentionDays: number | null;
  /** The task whose next take this is. */
  retryOf: string | null;
  /** The request that ordered it, for the log. */
  requestId: string | null;
  /** Who is told how it ended; null: nobody. */
  webhookUrl: string | null;
  /** In whose words: filmgate's video object, or the callback of one of MiniMax's wires. */
  webhookForm: WebhookForm;
  /** What is called when it succeeded, so that a site is built again; null: as the account says then. A secret. */
  deployHookUrl: string | null;
  /** How it is published: as it was ordered, and as its owner changed it since. Null: not at all. */
  publication: Publication | null;
}>;

export type Common = Admission &
  Readonly<{
    fileId: string;
    /** How long MiniMax usually takes, unscaled. */
    expectedMs: number;
    /** TIME_SCALE when the task was accepted: a restart with another one does not bend its schedule. */
    scale: number;
    /** The picture that stands for it where it is published; null while there is none. */
    poster: Poster | null;
    /** How often it was tried in vain to make one, or is being tried. */
    posterTries: number;
    /** Absent where MiniMax charged what was reserved, or nothing yet: its own count of a finished video. */
    chargedMicroUsd?: number;
    /** Absent until MiniMax told what it counted of a finished video, which the second wire does. */
    usage?: Usage;
  }>;

/** MiniMax's words for a task that is not over. */
export type ProviderStatus = "Preparing" | "Queueing" | "Processing";
export type Money = "settled" | "released" | "held";

/** A create that may have been taken: what evidence about it there is. */
export type Attempt = Readonly<{
  attempt: number;
  startedAt: number;
  withCallback: boolean;
  /** MiniMax checked this attempt's callback URL: it read the request. Proves no task, but makes waiting worthwhile. */
  challenged: boolean;
  /** Provider tasks that pushes with this attempt's secret named, not yet confirmed. */
  candidates: readonly string[];
  /** Set when the caller cancelled what could not be stopped any more. */
  cancelledAt: number | null;
  /** Set once MiniMax's list was asked whether it has such a task; it has one on the second wire only. */
  isListed?: true;
}>;
/**
 * The create behind an end that nobody is sure of. It outlives that end, and whatever an operator made of the money:
 * evidence of the video may still come, and a paid video is never lost.
 */
export type Orphan = Readonly<{
  /** The attempt whose pushes are still heard; null where MiniMax had named its task before. */
  attempt: number | null;
  /** Provider tasks that pushes or the operator named since, not yet confirmed. */
  candidates: readonly string[];
  /** When the first of them was named; meaningless while there is none. */
  namedAt: number;
  failures: number;
  confirmAt: number;
}>;
type Submitted = Readonly<{ providerTaskId: string; submittedAt: number }>;
type Pixels = Readonly<{ width: number; height: number }>;

export type Task = Common &
  (
    | Readonly<{
        status: "accepted";
        /** Attempts so far, each proven not to have counted. */
        attempts: number;
        submitAt: number;
        withCallback: boolean;
        /** What MiniMax said when it last put the order off; null if it was never asked, or could not be. */
        deferredBy: ProviderAnswer | null;
        /** Where it stood in line when it last asked for its turn, 1 for the next; null if it is not in line. */
        queuePosition: number | null;
      }>
    | (Attempt & Readonly<{ status: "submitting" }>)
    | (Attempt & Readonly<{ status: "unconfirmed"; failures: number; confirmAt: number }>)
    | (Submitted &
        Readonly<{
          status: "generating";
          providerStatus: ProviderStatus;
          lookAt: number;
          failures: number;
          cancelledAt: number | null;
        }>)
    | (Submitted &
        Pixels &
        Readonly<{
          status: "storing";
          providerFileId: string;
          startedAt: number;
          storeAt: number;
          failures: number;
          /** Since when, and how often, every try was told that there is no such file; null if the last was not. */
          gone: Readonly<{ since: number; times: number }> | null;
        }>)
    | (Submitted &
        Pixels &
        Readonly<{
          status: "succeeded";
          providerFileId: string;
          bytes: number;
          sha256: string;
          endedAt: number;
        }>)
    | Readonly<{
        status: "failed";
        code: OutcomeCode;
        provider: ProviderAnswer | null;
        money: Money;
        providerTaskId: string | null;
        endedAt: number;
        /** Set where it ended without MiniMax's verdict. */
        orphan: Orphan | null;
      }>
    | Readonly<{
        status: "cancelled";
        money: Money;
        providerTaskId: string | null;
        endedAt: number;
        orphan: Orphan | null;
      }>
  );

export type TaskIn<S extends Task["status"]> = Extract<Task, { status: S }>;

export type Step =
  | { do: "submit"; attempt: number; withCallback: boolean }
  /** A `submitting` that nobody is performing: its process died, or its answer is overdue. */
  | { do: "presumeLost" }
  | { do: "confirm"; providerTaskId: string }
  | { do: "look"; providerTaskId: string }
  /** A look for one that its caller cancelled: if MiniMax has not begun it, MiniMax is asked to let go of it. */
  | { do: "withdraw"; providerTaskId: string }
  /** Before the evidence of a lost create is given up: whether MiniMax lists a task that could be its own. */
  | { do: "list"; attempt: number; startedAt: number }
  | { do: "store"; providerFileId: string }
  | { do: "giveUp" }
  | { do: "sleep"; until: number }
  | { do: "rest" };

export type TaskEvent =
  /** It is not its turn: it stands in line, is called when it is, and asks again by itself at `until`. */
  | { type: "queued"; attempt: number; position: number; until: number }
  /** Its turn has come. */
  | { type: "called" }
  /** Nobody could say whether it is its turn, so it is not. */
  | { type: "turnUnknown" }
  | { type: "submitStarted"; attempt: number; withCallback: boolean }
  | { type: "submitAccepted"; attempt: number; providerTaskId: string }
  /** It was not taken and will not be: MiniMax's verdict, or (without its answer) an image that is gone. */
  | { type: "submitRefused"; attempt: number; code: OutcomeCode; provider: ProviderAnswer | null }
  /** MiniMax did not take it now (rate limits): proof, so another attempt is allowed. */
  | { type: "submitDeferred"; attempt: number; provider: ProviderAnswer }
  /** MiniMax did not take it since it could not check the callback URL: proof, and the next goes without. */
  | { type: "callbackRefused"; attempt: number }
  /** The request could not be built, so nothing was sent. */
  | { type: "submitNotSent"; attempt: number }
  /** No answer, or one that proves nothing; it may yet name a provider task, which is then asked after. */
  | { type: "submitLost"; attempt: number; candidate: string | null }
  | { type: "challenged"; attempt: number }
  | { type: "pushed"; attempt: number; providerTaskId: string }
  /** The operator found in MiniMax's own list which provider task an order became. */
  | { type: "named"; providerTaskId: string }
  /** The operator read in MiniMax's bill what became of the money of a task whose outcome is unknown. */
  | { type: "moneyResolved"; money: "settled" | "released" }
  | { type: "confirmed"; providerTaskId: string; providerStatus: ProviderStatus }
  | { type: "candidateRejected"; providerTaskId: string }
  /** MiniMax does not know what was named: perhaps not yet, since a push can come before a query tells of it. */
  | { type: "candidateUnknown"; providerTaskId: string }
  | { type: "confirmTrouble" }
  | { type: "lookedPending"; providerTaskId: string; providerStatus: ProviderStatus }
  | ({ type: "lookedSuccess"; providerTaskId: string; providerFileId: string; usage?: Usage | null } & Pixels)
  | { type: "lookedFail"; providerTaskId: string; code: OutcomeCode; provider: ProviderAnswer }
  /** MiniMax says that it will not be made any more, and not whether it was charged. */
  | { type: "lookedExpired"; providerTaskId: string }
  | { type: "lookTrouble" }
  /** MiniMax cancelled it before it began, since we asked, or since somebody else did. */
  | { type: "withdrawn"; providerTaskId: string }
  /** `isThere`: MiniMax lists a task that could be this attempt's, and that no task of ours holds. */
  | { type: "listed"; attempt: number; isThere: boolean }
  /** The size is what the file itself says, for a wire that does not tell. */
  | ({ type: "stored"; bytes: number; sha256: string } & Partial<Pixels>)
  /**
   * The file could not be stored. `gone`: MiniMax does not know the file, or its fresh address leads to none.
   * `moved`: a transfer that broke before was carried on, and got further.
   */
  | { type: "storeTrouble"; gone: boolean; moved: boolean }
  | { type: "gaveUp" }
  | { type: "cancelled" }
  /** Its owner publishes it, or changes how. */
  | { type: "published"; publication: Publication }
  | { type: "unpublished" }
  /** A poster is about to be made once more, or could not be made at the first try. */
  | { type: "posterTried" }
  | { type: "posterKept"; poster: Poster };

/** A task as it was written down: what a version before did not know has its default. */
export function readTask(json: string): Task {
  const task = JSON.parse(json) as Task;
  const {
    poster = null,
    posterTries = 0,
    webhookForm = "standard",
    deployHookUrl = null,
  }: Partial<Common> = task;
  return { ...task, poster, posterTries, webhookForm, deployHookUrl };
}

/** @param scale TIME_SCALE. */
export function acceptTask(admission: Admission, scale: number): TaskIn<"accepted"> {
  // One that the version before wrote down, and left in an outbox, has no form and no deploy hook.
  const {
    order,
    webhookForm = "standard",
    deployHookUrl = null,
  }: Omit<Admission, "webhookForm" | "deployHookUrl"> & Partial<Admission> = admission;
  const row = findModel(order.model);
  return {
    ...admission,
    webhookForm,
    deployHookUrl,
    fileId: fileIdOf(admission.taskId),
    expectedMs: row === undefined ? 120_000 : expectedSeconds(row, order) * 1000,
    scale,
    poster: null,
    posterTries: 0,
    status: "accepted",
    attempts: 0,
    submitAt: admission.createdAt,
    withCallback: admission.publicUrl !== null,
    deferredBy: null,
    queuePosition: null,
  };
}

export function isOver(task: Task): task is TaskIn<"succeeded" | "failed" | "cancelled"> {
  return task.status === "succeeded" || task.status === "failed" || task.status === "cancelled";
}

const dayMs = 24 * 3_600_000;

/**
 * When a task and its file will be removed, in epoch milliseconds; null: never, or not known before it ends. What
 * nobody knows the outcome of is kept: a paid video may still turn up.
 */
export function expiresAt(task: Task): number | null {
  if (!isOver(task) || task.retentionDays === null) return null;
  if ("orphan" in task && task.orphan !== null && task.money === "held") return null;
  return task.endedAt + task.retentionDays * dayMs * task.scale;
}

/** Whether MiniMax has a queue for it that can be listed, and that it can be taken out of: the second wire has. */
export function hasQueue({ order }: Task): boolean {
  return wireOf(order.model) === "v2";
}

/** What MiniMax counted, if it told, and what that makes of the price where it is not as it was reserved. */
export function countedBy(
  task: Task,
  usage: Usage | null | undefined,
): Pick<Common, "chargedMicroUsd" | "usage"> {
  const charge = chargeOf(task.order, task.priceMicroUsd, usage ?? null);
  return {
    ...(charge === null || charge === task.priceMicroUsd ? {} : { chargedMicroUsd: charge }),
    ...(usage ? { usage } : {}),
  };
}

/** What the caller is told about being cancelled: at once, even while MiniMax goes on and is watched for the money. */
export function isCancelled(task: Task): boolean {
  return task.status === "cancelled" || ("cancelledAt" in task && task.cancelledAt !== null);
}

/** True once MiniMax has answered, in whatever way, the task waits for its turn there, or for evidence. */
export function hasVerdict(task: Task): boolean {
  if (task.status === "accepted") return task.attempts > 0 || task.queuePosition !== null;
  // Without callbacks there is nothing to wait for: the next step fails it, and that is the verdict.
  if (task.status === "unconfirmed") return task.withCallback;
  return task.status !== "submitting";
}

/**
 * True for a change after which the pacer, which gives turns and counts tasks in flight, must hear that the task has
 * left: the line, or MiniMax, where `isCounted` says that tasks there are counted.
 */
export function leavesPacer(before: Task, after: Task, isCounted: boolean): boolean {
  const isAtMiniMax = ({ status }: Task) =>
    status === "submitting" || status === "unconfirmed" || status === "generating";
  if (isAtMiniMax(before)) return isCounted && !isAtMiniMax(after);
  // One that was ended while it asked may have been counted without knowing it.
  return before.status === "accepted" && isOver(after) && (isCounted || before.queuePosition !== null);
}

/** What there is to do now, or until when there is nothing. */
export function nextStep(task: Task, now: number): Step {
  switch (task.status) {
    case "accepted":
      if (now >= task.createdAt + times.turnBound * task.scale) return { do: "giveUp" };
      if (now < task.submitAt) return { do: "sleep", until: task.submitAt };
      return { do: "submit", attempt: task.attempts + 1, withCallback: task.withCallback };
    case "submitting":
      return { do: "presumeLost" };
    case "unconfirmed": {
      const candidate = task.candidates[0];
      const end = evidenceEnd(task);
      if (candidate !== undefined && now >= task.confirmAt)
        return { do: "confirm", providerTaskId: candidate };
      if (candidate === undefined && now >= end && hasQueue(task) && task.isListed !== true) {
        return { do: "list", attempt: task.attempt, startedAt: task.startedAt };
      }
      if (candidate === undefined && now >= end) return { do: "giveUp" };
      // A named provider task is asked about to the end of the looks, however late it was named.
      if (now >= lookEnd(task.startedAt, task.scale)) return { do: "giveUp" };
      return { do: "sleep", until: candidate === undefined ? end : task.confirmAt };
    }
    case "generating":
      if (now < task.lookAt) return { do: "sleep", until: task.lookAt };
      return {
        do: task.cancelledAt !== null && hasQueue(task) ? "withdraw" : "look",
        providerTaskId: task.providerTaskId,
      };
    case "storing":
      if (now >= task.storeAt) return { do: "store", providerFileId: task.providerFileId };
      return { do: "sleep", until: task.storeAt };
    case "succeeded":
      return { do: "rest" };
    case "failed":
    case "cancelled":
      return task.orphan === null ? { do: "rest" } : stepForOrphan(task.orphan, task.scale, now);
  }
}

/** Whoever was named late is asked after for as long as looks go on, and then dropped. */
function stepForOrphan(orphan: Orphan, scale: number, now: number): Step {
  const candidate = orphan.candidates[0];
  if (candidate === undefined) return { do: "rest" };
  if (now >= lookEnd(orphan.namedAt, scale)) return { do: "giveUp" };
  if (now < orphan.confirmAt) return { do: "sleep", until: orphan.confirmAt };
  return { do: "confirm", providerTaskId: candidate };
}

/** When there is something to do for this task; null when nothing is left. */
export function wakeAt(task: Task, now: number): number | null {
  const step = nextStep(task, now);
  if (step.do === "rest") return null;
  return step.do === "sleep" ? step.until : now;
}

function evidenceEnd(task: TaskIn<"unconfirmed">): number {
  if (!task.withCallback) return task.startedAt;
  return (
    task.startedAt + (task.challenged ? times.evidenceBoundAfterChallenge : times.evidenceBound) * task.scale
  );
}

/** When looking ends. */
export function lookEnd(submittedAt: number, scale: number): number {
  return submittedAt + times.lookBound * scale;
}
