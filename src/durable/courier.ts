/**
 * Tells a task's caller by webhook. What there is to tell is written down in the block that changes the task; each
 * message then goes its own way, beside the task's turns: a receiver that hangs delays no look and no transfer, and
 * a create that takes its two minutes delays no message.
 *
 * A message is due or it is not: an attempt moves its due time behind its own end before it leaves. So no other guard
 * is needed, and after a crash the alarm finds it due again.
 */

import { filePath, messageIdFrom } from "../domain/ids.ts";
import { miniMaxV2Task } from "../domain/minimax-v2.ts";
import { troubleWait } from "../domain/schedule.ts";
import type { Task } from "../domain/task.ts";
import { type LinkView, miniMaxV1Push, videoView } from "../domain/view.ts";
import {
  announce,
  beginAttempt,
  type Delivery,
  endAttempt,
  replay,
  takeBackAttempt,
  type WebhookOutcome,
  webhookEventOf,
} from "../domain/webhook.ts";
import { type Env, readSettings } from "../env.ts";
import { log } from "../log.ts";
import { linkLife, signLink } from "../ports/links.ts";
import { sendWebhook } from "../ports/webhooks.ts";
import { judgeOutbound, limitsFor } from "./reach.ts";
import type { AlarmRule, TaskStore } from "./task-store.ts";

/** A timer keeps its object awake, and that is billed: for longer waits the alarm after the turn is soon enough. */
const longestTimerMs = 60_000;

/** The object for which messages are carried. */
export type Sender = Readonly<{
  /** How the alarm is to be set now. */
  alarmRule(): AlarmRule;
  isTurning(): boolean;
  /** Lets work go on when what asked for it has ended. */
  goOn(work: Promise<void>): void;
}>;

export class Courier {
  readonly #env: Env;
  readonly #store: TaskStore;
  readonly #object: Sender;

  constructor(env: Env, store: TaskStore, object: Sender) {
    this.#env = env;
    this.#store = store;
    this.#object = object;
  }

  /** Writes down what a change means to the caller. Called in the block that records it, so both are kept or neither. */
  note(before: Task, after: Task, now: number): void {
    const type = webhookEventOf(before, after);
    if (type === null || after.webhookUrl === null) return;
    const id = messageIdFrom(crypto.getRandomValues(new Uint8Array(26)));
    const link = this.#linkTo(after, now);
    const video = videoView(after, now, link, after.publicUrl);
    const message = announce({ id, type, url: after.webhookUrl, video, now });
    const words = wordsOf(after, link);
    this.#record(words === null ? message : { ...message, body: JSON.stringify(words) });
    this.deliver();
  }

  /** Sends what is due, without waiting for it. */
  deliver(): void {
    const stored = this.#store.load();
    if (stored === null || stored.due.webhook === null) return;
    if (stored.due.remove !== null) {
      this.#store.dropDeliveries();
      return;
    }
    const now = Date.now();
    for (const delivery of this.#store.deliveries()) {
      if (delivery.state !== "pending" || delivery.nextAt > now) continue;
      const begun = beginAttempt(delivery, now, stored.task.scale, this.#boundMs());
      this.#record(begun);
      if (begun.state === "pending") this.#object.goOn(this.#attempt(begun, stored.task, now));
    }
  }

  /** Sends a message again now; null if there is none with this id. */
  replay(id: string): Delivery | null {
    const delivery = this.#find(id);
    if (delivery === null) return null;
    const replayed = replay(delivery, Date.now(), this.#boundMs());
    if (replayed === delivery) return delivery;
    this.#record(replayed);
    this.deliver();
    return this.#find(id);
  }

  /** One attempt, already written down as begun. Never rejects. */
  async #attempt({ id, url, body, type }: Delivery, task: Task, at: number): Promise<void> {
    const secrets = await this.#env.ACCOUNTS.getByName(task.account)
      .webhookSecrets()
      .catch(() => null);
    const outcome = secrets === null ? null : await this.#send({ id, url, body }, secrets);
    const delivery = this.#find(id);
    // The task was removed meanwhile.
    if (delivery === null) return;
    const now = Date.now();
    const after =
      outcome === null
        ? takeBackAttempt(delivery, at, now + troubleWait(delivery.attempts.length, task.scale))
        : endAttempt(delivery, at, outcome, now, task.scale);
    this.#record(after);
    const { taskId, account, requestId } = task;
    log("webhook", {
      ...{ task: taskId, account, request_id: requestId, webhook: id, type, host: new URL(url).host },
      ...{ status: outcome?.status ?? null, duration_ms: outcome?.durationMs ?? null, state: after.state },
    });
    this.#watchOver(after, now);
  }

  /** While the alarm's handler is busy with a turn no alarm can ring: then a timer stands in for a wait that is short. */
  #watchOver(delivery: Delivery, now: number): void {
    if (!this.#object.isTurning() || delivery.state !== "pending") return;
    const waitMs = delivery.nextAt - now;
    if (waitMs <= longestTimerMs) setTimeout(() => this.deliver(), Math.max(waitMs, 100));
  }

  async #send(
    message: { id: string; url: string; body: string },
    secrets: readonly { secret: string }[],
  ): Promise<WebhookOutcome> {
    const verdict = judgeOutbound(this.#env, message.url);
    if (!verdict.accepted) {
      const error = `Nothing was sent: the address ${verdict.problem}.`;
      return { status: null, error, durationMs: 0, retryAfterMs: 0, isFinal: true };
    }
    const sender = {
      fetch: (request: Request) => fetch(request),
      timeoutMs: limitsFor(this.#env).webhookTimeoutMs,
    };
    return sendWebhook(
      sender,
      { ...message, url: verdict.url },
      secrets.map(({ secret }) => secret),
      Date.now(),
    );
  }

  /** A link as long as links may be: it outlasts every attempt. Null where nobody told where this deployment is. */
  #linkTo(task: Task, now: number): LinkView | null {
    const settings = readSettings(this.#env);
    if (task.status !== "succeeded" || task.publicUrl === null || !settings.ok) return null;
    const link = signLink(settings.settings.linkKeys, {
      path: filePath(task.fileId),
      lifeSeconds: linkLife.maxSeconds,
      disposition: "inline",
      filename: null,
      now: Math.floor(now / 1000),
    });
    return { url: `${task.publicUrl}${link.pathAndQuery}`, expiresAt: link.expiresAt };
  }

  #find(id: string): Delivery | null {
    return this.#store.deliveries().find((delivery) => delivery.id === id) ?? null;
  }

  #boundMs(): number {
    return limitsFor(this.#env).webhookBoundMs;
  }

  #record(delivery: Delivery): void {
    this.#store.recordDelivery(delivery, this.#object.alarmRule());
  }
}

/** What MiniMax would post, where its callback was asked for; null where it is filmgate's own event. */
function wordsOf(task: Task, link: LinkView | null): object | null {
  switch (task.webhookForm) {
    case "standard":
      return null;
    case "minimax-v1":
      return miniMaxV1Push(task);
    case "minimax-v2":
      return { task: miniMaxV2Task(task, link) };
  }
}
