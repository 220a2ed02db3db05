/** What the steps of a task may reach, and how long they may take: made from the settings, anew for each step. */

import type { HookPace } from "../domain/deploy-hook.ts";
import { directoryName, pacerNames } from "../domain/ids.ts";
import type { JournalEvent } from "../domain/journal.ts";
import { type WireName, wireOf } from "../domain/models.ts";
import { isOnThisMachine, judgeUrl, type UrlVerdict } from "../domain/outbound-url.ts";
import type { Task } from "../domain/task.ts";
import { type Env, readSettings, usualHookPace } from "../env.ts";
import type { ProviderAnswer } from "../errors.ts";
import type { MiniMax, Wire } from "../ports/minimax/wire.ts";
import { wires } from "../ports/minimax/wires.ts";
import type { TransferLimits } from "../ports/pieces.ts";

/** What was answered to a step; see domain/journal.ts. */
export type Answer = Readonly<{
  event: JournalEvent;
  answer: string;
  traceId: string | null;
  provider?: ProviderAnswer;
  reason?: string;
}>;

/** MiniMax, the bucket, and the Account that knows who holds which provider task. */
export type Reach = Readonly<{
  /** Writes down what was answered: into the log, and into the task's journal. */
  note(answer: Answer): void;
  minimax: MiniMax;
  /** The one that the task's model speaks. */
  wire: Wire;
  bucket: R2Bucket;
  transfer: Omit<TransferLimits, "isWanted"> & { headersMs: number };
  claim(providerTaskId: string): Promise<boolean>;
  /** Whether any task of any account has it. */
  isHeld(providerTaskId: string): Promise<boolean>;
}>;

const maxVideoBytes = 1024 ** 3;

/** @throws Error naming the settings that are missing. */
export function reachFor(env: Env, task: Task, note: Reach["note"]): Reach {
  const { idleMs, createTimeoutMs, askTimeoutMs } = limitsFor(env);
  const result = readSettings(env);
  if (!result.ok) throw new Error(result.problems.join(" "));
  const { minimaxApiKey: apiKey, minimaxBaseUrl: baseUrl } = result.settings;
  const wireName = wireOf(task.order.model);
  return {
    note,
    wire: wires[wireName],
    minimax: {
      fetch: (request) => fetch(request),
      apiKey,
      baseUrl,
      createTimeoutMs,
      askTimeoutMs,
      // Not waited for, and not repeated: the next refusal says the same.
      onTooFast: (statusCode) =>
        void pacerOf(env, wireName)
          .slowDown(statusCode)
          .catch(() => {}),
    },
    bucket: env.VIDEOS,
    transfer: { idleMs, headersMs: idleMs, maxBytes: maxVideoBytes },
    claim: (providerTaskId) => claim(env, task, providerTaskId),
    isHeld: async (providerTaskId) => (await holdersOf(env, providerTaskId, null)).length > 0,
  };
}

/**
 * Claimed first and asked about then: two tasks that claim the same at one moment both hear of each other, and
 * neither gets it, which is the safe side. All accounts share MiniMax's key, so all are asked; this is rare.
 */
async function claim(env: Env, task: Task, providerTaskId: string): Promise<boolean> {
  const account = env.ACCOUNTS.getByName(task.account);
  if (!(await account.claimProviderTask(providerTaskId, task.taskId))) return false;
  if ((await holdersOf(env, providerTaskId, task.account)).length === 0) return true;
  await account.dropProviderTask(task.taskId);
  return false;
}

/** The tasks that have a provider task, in all accounts but one. */
async function holdersOf(env: Env, providerTaskId: string, except: string | null): Promise<string[]> {
  const accounts = await env.ACCOUNTS.getByName(directoryName).accounts();
  const holders = await Promise.all(
    accounts
      .filter(({ name }) => name !== except)
      .map(({ name }) => env.ACCOUNTS.getByName(name).holderOf(providerTaskId)),
  );
  return holders.filter((holder) => holder !== null);
}

/** The object that knows how fast MiniMax may be called on a wire. */
export function pacerOf(env: Env, wire: WireName) {
  return env.PACER.getByName(pacerNames[wire]);
}

/** Bounds on waiting for the network: scaled like every wait, but never so short that a busy machine fails them. */
export function limitsFor(env: Env) {
  return {
    createTimeoutMs: scaled(env, 120_000, 5000),
    askTimeoutMs: scaled(env, 20_000, 3000),
    idleMs: scaled(env, 30_000, 3000),
    /** A poster that is a copy: whoever publishes waits for it. */
    posterMs: scaled(env, 3000, 3000),
    /** A poster that is a frame of the video, from the video's first byte on. */
    frameMs: scaled(env, 60_000, 6000),
    webhookTimeoutMs: scaled(env, 15_000, 3000),
    /** With the Account asked for the secrets before, and the writing after: a webhook under way for longer is dead. */
    webhookBoundMs: scaled(env, 30_000, 6000),
    deployHookTimeoutMs: scaled(env, 15_000, 3000),
  };
}

/** How deploy hooks are called. Settings that cannot be read count as those that nobody set. */
export function hookPaceFor(env: Env): HookPace {
  const result = readSettings(env);
  const { windowSeconds, gapSeconds } = result.ok ? result.settings.deployHooks : usualHookPace;
  return {
    windowMs: scaled(env, windowSeconds * 1000, 0),
    gapMs: scaled(env, gapSeconds * 1000, 0),
    /** With the writing after it: a call under way for longer is dead. */
    boundMs: scaled(env, 30_000, 6000),
    scale: scaled(env, 1, 0),
  };
}

/** Whether an address may be called: judged at the door, and again before each call, since settings change. */
export function judgeOutbound(env: Env, url: string): UrlVerdict {
  const settings = readSettings(env);
  const allowsLoopback = settings.ok && isOnThisMachine(settings.settings.minimaxBaseUrl);
  return judgeUrl(url, { allowsLoopback });
}

/** A wait of ours in this deployment's time, and at least `floorMs`. Settings that cannot be read count as real life. */
export function scaled(env: Env, ms: number, floorMs: number): number {
  const result = readSettings(env);
  return Math.max(ms * (result.ok ? result.settings.timeScale : 1), floorMs);
}
