/** What the caller is told, and the life of a message: the schedule, its end, replays, and crashes in an attempt. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance } from "../../src/domain/advance.ts";
import { webhookWait } from "../../src/domain/schedule.ts";
import type { Task, TaskEvent } from "../../src/domain/task.ts";
import { videoView } from "../../src/domain/view.ts";
import {
  announce,
  beginAttempt,
  type Delivery,
  endAttempt,
  replay,
  takeBackAttempt,
  type WebhookOutcome,
  webhookEventOf,
} from "../../src/domain/webhook.ts";
import {
  day,
  hour,
  lookedFail,
  lookedSuccess,
  minute,
  start,
  states,
  stored,
  submitAccepted,
  submitLost,
  submitRefused,
  submitStarted,
} from "./tasks.ts";

const boundMs = 30_000;
const ok: WebhookOutcome = { status: 204, error: null, durationMs: 20, retryAfterMs: 0, isFinal: false };
const refused: WebhookOutcome = { ...ok, status: 500, error: "The receiver answered HTTP 500." };
const message = (now = start): Delivery =>
  announce({
    id: "msg_1",
    type: "video.succeeded",
    url: "https://example.com/hook",
    video: videoView(
      states.succeeded,
      now,
      { url: "https://video.example.com/files/x.mp4", expiresAt: 1 },
      null,
    ),
    now,
  });

/** Every event of a life, told or not, in its order. */
function toldOf(task: Task, events: readonly (TaskEvent & { at?: number })[]): string[] {
  const told: string[] = [];
  let before = task;
  for (const { at = start, ...event } of events) {
    const after = advance(before, event as TaskEvent, at);
    const type = webhookEventOf(before, after);
    if (type !== null) told.push(type);
    before = after;
  }
  return told;
}

describe("the caller is told", () => {
  const cancelled = { type: "cancelled" } as const;
  const late = start + 25 * hour;
  const lives: [title: string, events: (TaskEvent & { at?: number })[], told: string[]][] = [
    ["nothing while it is made", [submitStarted, submitAccepted, lookedSuccess], []],
    [
      "that it succeeded",
      [submitStarted, submitAccepted, lookedSuccess, stored, stored, cancelled],
      ["video.succeeded"],
    ],
    ["that MiniMax refused it", [submitStarted, submitRefused, submitRefused], ["video.failed"]],
    ["that it failed", [submitStarted, submitAccepted, lookedFail], ["video.failed"]],
    ["that it was cancelled before it was sent", [cancelled, cancelled], ["video.cancelled"]],
    [
      "of a cancel once, and not again when MiniMax fails",
      [submitStarted, submitAccepted, cancelled, cancelled, lookedFail],
      ["video.cancelled"],
    ],
    [
      "of a cancel once, and not again when MiniMax makes it",
      [submitStarted, submitAccepted, cancelled, lookedSuccess],
      ["video.cancelled"],
    ],
    [
      "of a cancel while it is stored",
      [submitStarted, submitAccepted, lookedSuccess, cancelled, stored],
      ["video.cancelled"],
    ],
    [
      "of a cancel once, although nobody knows what became of it",
      [submitStarted, cancelled, submitLost, { type: "gaveUp", at: late }],
      ["video.cancelled"],
    ],
    [
      "that it succeeded after all, when late evidence comes",
      [
        submitStarted,
        submitLost,
        { type: "gaveUp", at: late },
        { type: "named", providerTaskId: "P1", at: late },
        { type: "confirmed", providerTaskId: "P1", providerStatus: "Processing", at: late },
        { ...lookedSuccess, at: late },
        { ...stored, at: late },
      ],
      ["video.failed", "video.succeeded"],
    ],
  ];
  it.each(lives)("%s", (_title, events, told) => {
    expect(toldOf(states.accepted, events)).toEqual(told);
  });

  it("nothing of money that is resolved later", () => {
    const held = { ...states.failed, money: "held" } as Task;
    expect(toldOf(held, [{ type: "moneyResolved", money: "released" }])).toEqual([]);
  });
});

it("a message is the event, its time and the video, in one text", () => {
  const { body, ...rest } = message();
  expect(rest).toEqual({
    id: "msg_1",
    type: "video.succeeded",
    url: "https://example.com/hook",
    createdAt: start,
    attempts: [],
    state: "pending",
    tries: 0,
    nextAt: start,
  });
  expect(JSON.parse(body)).toEqual({
    type: "video.succeeded",
    timestamp: new Date(start).toISOString(),
    data: videoView(
      states.succeeded,
      start,
      { url: "https://video.example.com/files/x.mp4", expiresAt: 1 },
      null,
    ),
  });
});

/** Tries a message until it is over, each attempt taking a second; gives the times between answers and attempts. */
function waits(outcome: WebhookOutcome, scale: number): { gaps: number[]; last: Delivery } {
  let delivery = message();
  const gaps: number[] = [];
  let now = start;
  while (delivery.state === "pending") {
    gaps.push(delivery.nextAt - now);
    const at = delivery.nextAt;
    now = at + 1000;
    delivery = endAttempt(beginAttempt(delivery, at, scale, boundMs), at, outcome, now, scale);
  }
  return { gaps, last: delivery };
}

describe("the schedule", () => {
  const specified = [
    0,
    5000,
    5 * minute,
    30 * minute,
    2 * hour,
    5 * hour,
    10 * hour,
    14 * hour,
    20 * hour,
    24 * hour,
  ];

  it("is the one of the Standard Webhooks specification", () => {
    const { gaps, last } = waits(refused, 1);
    expect(gaps).toEqual(specified);
    expect(last.state).toBe("failed");
    expect(last.attempts).toHaveLength(10);
  });

  it("is scaled", () => {
    expect(waits(refused, 0.01).gaps).toEqual(specified.map((wait) => wait * 0.01));
  });

  it("ends with the first answer that is a success", () => {
    const { gaps, last } = waits(ok, 1);
    expect(gaps).toEqual([0]);
    expect(last).toMatchObject({
      state: "delivered",
      attempts: [{ status: 204, error: null, durationMs: 20 }],
    });
  });

  it("ends at once where no other attempt can help", () => {
    const { gaps, last } = waits({ ...refused, status: 410, isFinal: true }, 1);
    expect(gaps).toEqual([0]);
    expect(last.state).toBe("failed");
  });

  it("waits longer for who asks for it, a day at most, and never shorter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(1, 0.1, 0.01),
        fc.nat({ max: 100 * day }),
        (tries, scale, askedMs) => {
          const plain = webhookWait(tries, scale) ?? Number.NaN;
          const wait = webhookWait(tries, scale, askedMs) ?? Number.NaN;
          expect(wait).toBeGreaterThanOrEqual(plain);
          expect(wait).toBeGreaterThanOrEqual(Math.min(askedMs, day * scale));
          expect(wait).toBeLessThanOrEqual(Math.max(plain, day * scale));
        },
      ),
    );
    expect(webhookWait(10, 1, day)).toBeNull();
  });
});

type Happening = "ok" | "refused" | "final" | "crash" | "unsigned" | "replay";

describe("whatever happens to a message", () => {
  const story = fc.array(
    fc.constantFrom<Happening>("ok", "refused", "refused", "refused", "final", "crash", "unsigned", "replay"),
    { maxLength: 60 },
  );

  it("its id and body stay, it is never tried more than ten times without a replay, and it always ends or is due", () => {
    fc.assert(
      fc.property(story, fc.constantFrom(1, 0.01), (happenings, scale) => {
        const first = message();
        let delivery = first;
        let now = start;
        let tried = 0;
        for (const happening of happenings) {
          if (happening === "replay") {
            const before = delivery;
            delivery = replay(delivery, now, boundMs);
            if (delivery !== before) tried = 0;
            continue;
          }
          if (delivery.state !== "pending") continue;
          const at = Math.max(now, delivery.nextAt);
          delivery = beginAttempt(delivery, at, scale, boundMs);
          now = at + 10;
          if (delivery.state !== "pending") continue;
          // While it is under way it is not due: nobody else begins it.
          expect(delivery.nextAt).toBeGreaterThanOrEqual(at + boundMs);
          expect(replay(delivery, now, boundMs)).toBe(delivery);
          tried++;
          if (happening === "unsigned") {
            delivery = takeBackAttempt(delivery, at, now + 1000);
            tried--;
          } else if (happening !== "crash") {
            const outcome = happening === "ok" ? ok : { ...refused, isFinal: happening === "final" };
            delivery = endAttempt(delivery, at, outcome, now, scale);
          }
          expect(tried).toBeLessThanOrEqual(10);
          expect([delivery.id, delivery.body]).toEqual([first.id, first.body]);
          expect(delivery.attempts.length).toBeLessThanOrEqual(20);
          if (delivery.state === "pending") expect(Number.isFinite(delivery.nextAt)).toBe(true);
        }
      }),
    );
  });

  it("a crash in an attempt is logged as one without an answer, and the next comes on schedule", () => {
    const begun = beginAttempt(message(), start, 1, boundMs);
    expect(begun).toMatchObject({
      state: "pending",
      nextAt: start + boundMs,
      attempts: [{ at: start, status: null, error: "No answer was recorded.", durationMs: null }],
    });
  });

  it("a replay while an attempt is under way changes nothing; one after its process died is heard", () => {
    const begun = beginAttempt(message(), start, 1, boundMs);
    expect(replay(begun, start + 1, boundMs)).toBe(begun);
    expect(replay({ ...begun, nextAt: start + hour } as Delivery, start + boundMs, boundMs)).toMatchObject({
      nextAt: start + boundMs,
      tries: 0,
    });
  });

  it("a replay of one that waits pulls it forward; of one that is over, sends it again", () => {
    const waiting = endAttempt(beginAttempt(message(), start, 1, boundMs), start, refused, start + 10, 1);
    expect(replay(waiting, start + 20, boundMs)).toMatchObject({
      state: "pending",
      tries: 0,
      nextAt: start + 20,
    });
    const delivered = endAttempt(beginAttempt(message(), start, 1, boundMs), start, ok, start + 10, 1);
    expect(replay(delivered, start + 20, boundMs)).toMatchObject({
      state: "pending",
      tries: 0,
      nextAt: start + 20,
      attempts: [{ status: 204 }],
    });
  });

  it("a late answer of an attempt that was taken for dead still counts as delivered", () => {
    const begun = beginAttempt(message(), start, 1, boundMs);
    const again = beginAttempt(begun, start + boundMs, 1, boundMs);
    const late = endAttempt(again, start, ok, start + boundMs + 1, 1);
    expect(late.state).toBe("delivered");
    expect(endAttempt(late, start + boundMs, refused, start + boundMs + 2, 1).state).toBe("delivered");
  });
});
