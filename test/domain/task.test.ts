/** The life of a task, transition by transition. What holds for every sequence of them is in task.property.test.ts. */

import { describe, expect, it } from "vitest";
import { advance } from "../../src/domain/advance.ts";
import { moneyOf } from "../../src/domain/money.ts";
import {
  acceptTask,
  hasVerdict,
  isCancelled,
  isOver,
  leavesPacer,
  nextStep,
  type Task,
  type TaskEvent,
  wakeAt,
} from "../../src/domain/task.ts";
import {
  admission,
  day,
  follow,
  hour,
  inState,
  lookedFail,
  lookedSuccess,
  minute,
  poster,
  start,
  states,
  stored,
  storeTrouble,
  submitAccepted,
  submitDeferred,
  submitLost,
  submitRefused,
  submitStarted,
} from "./tasks.ts";

const cancelled = { type: "cancelled" } as const;
const push = (providerTaskId: string, attempt = 1) => ({ type: "pushed", attempt, providerTaskId }) as const;
const challenged = { type: "challenged", attempt: 1 } as const;
const queued = { type: "queued", attempt: 1, position: 7, until: start + hour } as const;
const inLine = follow(states.accepted, [queued]);
const confirmed = { type: "confirmed", providerTaskId: "P1", providerStatus: "Processing" } as const;
const named = follow(states.unconfirmed, [push("P1")]);
const withoutCallback = acceptTask(admission({ publicUrl: null }), 1);

describe("what a task becomes", () => {
  const rows: [title: string, from: Task, events: TaskEvent[], expected: object][] = [
    [
      "a task whose create is about to be posted is submitting, with its attempt",
      states.accepted,
      [submitStarted],
      { status: "submitting", attempt: 1, startedAt: start, challenged: false, candidates: [] },
    ],
    [
      "a task whose turn it is not stays accepted, and knows its place in line",
      states.accepted,
      [queued],
      { status: "accepted", queuePosition: 7, submitAt: start + hour },
    ],
    [
      "a task in line whose turn has come is due at once",
      inLine,
      [{ type: "called" }],
      { status: "accepted", submitAt: start },
    ],
    [
      "a task that nobody could give a turn asks again, and was not posted",
      states.accepted,
      [{ type: "turnUnknown" }],
      { status: "accepted", attempts: 0, submitAt: start + 5000 },
    ],
    [
      "a task that leaves the line to be posted has no place in it any more",
      inLine,
      [submitStarted],
      { status: "submitting", attempt: 1 },
    ],
    [
      "a create that MiniMax took is generating under MiniMax's id",
      states.submitting,
      [submitAccepted],
      { status: "generating", providerTaskId: "P1", submittedAt: start, providerStatus: "Preparing" },
    ],
    [
      "a create whose answer was lost is unconfirmed",
      states.submitting,
      [submitLost],
      { status: "unconfirmed", attempt: 1, candidates: [] },
    ],
    [
      "an answer that comes after it was thought lost still counts",
      states.unconfirmed,
      [submitAccepted],
      { status: "generating", providerTaskId: "P1" },
    ],
    [
      "a create that MiniMax refused fails with its reason and words, and releases the money",
      states.submitting,
      [submitRefused],
      {
        status: "failed",
        code: "content_refused",
        provider: submitRefused.provider,
        money: "released",
        providerTaskId: null,
      },
    ],
    [
      "a create whose image is gone fails without a word of MiniMax, and releases the money",
      states.submitting,
      [{ type: "submitRefused", attempt: 1, code: "image_not_found", provider: null }],
      { status: "failed", code: "image_not_found", provider: null, money: "released" },
    ],
    [
      "a create refused for pace is accepted again, one attempt older",
      states.submitting,
      [submitDeferred],
      { status: "accepted", attempts: 1, withCallback: true },
    ],
    [
      "a create refused for its callback goes again at once, without one",
      states.submitting,
      [{ type: "callbackRefused", attempt: 1 }],
      { status: "accepted", attempts: 1, submitAt: start, withCallback: false },
    ],
    [
      "a request that could not be built is accepted again",
      states.submitting,
      [{ type: "submitNotSent", attempt: 1 }],
      { status: "accepted", attempts: 1, withCallback: true },
    ],
    [
      "a challenge is remembered, and proves no provider task",
      states.submitting,
      [challenged, submitLost],
      { status: "unconfirmed", challenged: true, candidates: [] },
    ],
    [
      "a push during the create names a candidate, which outlives the lost answer",
      states.submitting,
      [push("P1"), submitLost],
      { status: "unconfirmed", candidates: ["P1"] },
    ],
    [
      "a push alone attaches nothing: its provider task is a candidate until a query confirms it",
      states.unconfirmed,
      [push("P1")],
      { status: "unconfirmed", candidates: ["P1"] },
    ],
    [
      "no more candidates are kept than a few",
      states.unconfirmed,
      ["A", "B", "C", "D", "E", "F"].map((id) => push(id)),
      { candidates: ["A", "B", "C", "D"] },
    ],
    [
      "a confirmed candidate is generating",
      named,
      [confirmed],
      { status: "generating", providerTaskId: "P1", submittedAt: start, providerStatus: "Processing" },
    ],
    [
      "a candidate that MiniMax does not know is dropped",
      named,
      [{ type: "candidateRejected", providerTaskId: "P1" }],
      { status: "unconfirmed", candidates: [] },
    ],
    [
      "trouble while confirming keeps the candidate and waits",
      named,
      [{ type: "confirmTrouble" }],
      { status: "unconfirmed", candidates: ["P1"], failures: 1 },
    ],
    [
      "a provider task that MiniMax never knows does not keep the true one behind it from being asked",
      follow(states.unconfirmed, [push("forged"), push("P1")]),
      [{ type: "confirmTrouble" }],
      { status: "unconfirmed", candidates: ["P1", "forged"], failures: 1 },
    ],
    [
      "a look that finds it pending keeps MiniMax's word and looks again later",
      states.generating,
      [{ type: "lookedPending", providerTaskId: "P1", providerStatus: "Queueing" }],
      { status: "generating", providerStatus: "Queueing", failures: 0 },
    ],
    [
      "a look that fails is counted and repeated",
      states.generating,
      [{ type: "lookTrouble" }, { type: "lookTrouble" }],
      { status: "generating", failures: 2 },
    ],
    [
      "a video that MiniMax made is stored next, at once",
      states.generating,
      [lookedSuccess],
      { status: "storing", providerFileId: "F1", width: 1366, height: 768, storeAt: start, startedAt: start },
    ],
    [
      "a video that MiniMax could not make fails, and releases the money",
      states.generating,
      [lookedFail],
      { status: "failed", code: "generation_failed", money: "released", providerTaskId: "P1" },
    ],
    [
      "a transfer that broke is repeated",
      states.storing,
      [storeTrouble],
      { status: "storing", failures: 1, gone: null, storeAt: start + 2000 },
    ],
    [
      "a stored video has succeeded, with its length and hash",
      states.storing,
      [stored],
      { status: "succeeded", bytes: 1234, sha256: "ab".repeat(32), endedAt: start },
    ],
    [
      "a cancel before the create was posted ends the task and releases the money",
      states.accepted,
      [cancelled],
      { status: "cancelled", money: "released", providerTaskId: null },
    ],
    [
      "a cancel between two attempts releases the money: none of them counted",
      follow(states.submitting, [submitDeferred]),
      [cancelled],
      { status: "cancelled", money: "released" },
    ],
    [
      "a cancel while the create is under way is remembered",
      states.submitting,
      [cancelled],
      { status: "submitting", cancelledAt: start },
    ],
    [
      "a cancelled create that is refused releases the money",
      states.submitting,
      [cancelled, submitRefused],
      { status: "cancelled", money: "released" },
    ],
    [
      "a cancelled create that is refused for pace is not posted again",
      states.submitting,
      [cancelled, submitDeferred],
      { status: "cancelled", money: "released" },
    ],
    [
      "a cancelled create that MiniMax took is watched on, for the money",
      states.submitting,
      [cancelled, submitAccepted],
      { status: "generating", cancelledAt: start },
    ],
    [
      "a cancelled create whose answer was lost stays unconfirmed",
      states.submitting,
      [cancelled, submitLost],
      { status: "unconfirmed", cancelledAt: start },
    ],
    [
      "a cancelled video that MiniMax made is charged and not stored",
      states.generating,
      [cancelled, lookedSuccess],
      { status: "cancelled", money: "settled", providerTaskId: "P1" },
    ],
    [
      "a cancelled video that MiniMax could not make releases the money",
      states.generating,
      [cancelled, lookedFail],
      { status: "cancelled", money: "released", providerTaskId: "P1" },
    ],
    [
      "a video cancelled while it is stored was made, so it is charged",
      states.storing,
      [cancelled],
      { status: "cancelled", money: "settled", providerTaskId: "P1" },
    ],
  ];
  it.each(rows)("%s", (_title, from, events, expected) => {
    expect(follow(from, events)).toMatchObject(expected);
  });

  const bounds: [title: string, from: Task, event: TaskEvent, at: number, expected: object][] = [
    [
      "a create that waited its turn for a day is given up, with nothing charged",
      follow(states.submitting, [submitDeferred]),
      { type: "gaveUp" },
      start + day,
      { status: "failed", code: "provider_busy", money: "released", provider: submitDeferred.provider },
    ],
    [
      "a task that stood in line for a day is given up for MiniMax's limits, with nothing charged",
      inLine,
      { type: "gaveUp" },
      start + day,
      { status: "failed", code: "provider_busy", money: "released", provider: null },
    ],
    [
      "a create that could not be built for a day is given up as not sent: MiniMax refused nothing",
      follow(states.submitting, [{ type: "submitNotSent", attempt: 1 }]),
      { type: "gaveUp" },
      start + day,
      { status: "failed", code: "not_sent", money: "released", provider: null },
    ],
    [
      "a task that nobody began for a day is given up as not sent",
      states.accepted,
      { type: "gaveUp" },
      start + day,
      { status: "failed", code: "not_sent", money: "released", provider: null },
    ],
    [
      "a lost create without evidence for half an hour fails, and its money is held",
      states.unconfirmed,
      { type: "gaveUp" },
      start + 30 * minute,
      { status: "failed", code: "outcome_unknown", money: "held", providerTaskId: null },
    ],
    [
      "a lost create whose callback was challenged is waited for a day",
      follow(states.unconfirmed, [challenged]),
      { type: "gaveUp" },
      start + day,
      { status: "failed", code: "outcome_unknown", money: "held" },
    ],
    [
      "a lost create without a callback has no evidence to wait for",
      follow(withoutCallback, [{ ...submitStarted, withCallback: false }, submitLost]),
      { type: "gaveUp" },
      start,
      { status: "failed", code: "outcome_unknown", money: "held" },
    ],
    [
      "a cancelled create without evidence holds the money",
      follow(states.unconfirmed, [cancelled]),
      { type: "gaveUp" },
      start + 30 * minute,
      { status: "cancelled", money: "held" },
    ],
    [
      "a video that is pending after seven days fails, and its money is held",
      states.generating,
      { type: "lookedPending", providerTaskId: "P1", providerStatus: "Processing" },
      start + 7 * day,
      { status: "failed", code: "generation_timeout", money: "held", providerTaskId: "P1" },
    ],
    [
      "a video that nobody answers for in seven days fails, and its money is held",
      states.generating,
      { type: "lookTrouble" },
      start + 7 * day,
      { status: "failed", code: "generation_timeout", money: "held" },
    ],
    [
      "a cancelled video without a verdict in seven days holds the money",
      follow(states.generating, [cancelled]),
      { type: "lookTrouble" },
      start + 7 * day,
      { status: "cancelled", money: "held", providerTaskId: "P1" },
    ],
    [
      "a file that cannot be fetched for seven days fails, and was charged",
      states.storing,
      storeTrouble,
      start + 7 * day,
      { status: "failed", code: "file_unavailable", money: "settled", providerTaskId: "P1" },
    ],
  ];
  it.each(bounds)("%s", (_title, from, event, at, expected) => {
    expect(advance(from, event, at)).toMatchObject(expected);
    const early = advance(from, event, at - 1);
    if (at > start) expect(isOver(early)).toBe(false);
  });

  it("says a late success after seven days of waiting, rather than that it timed out", () => {
    expect(advance(states.generating, lookedSuccess, start + 8 * day).status).toBe("storing");
  });
});

describe("what there is to do", () => {
  const rows: [title: string, task: Task, at: number, step: object][] = [
    ["a new task is submitted", states.accepted, start, { do: "submit", attempt: 1, withCallback: true }],
    [
      "a deployment that MiniMax cannot reach asks for no callback",
      withoutCallback,
      start,
      { do: "submit", attempt: 1, withCallback: false },
    ],
    [
      "a task refused for pace sleeps until its turn",
      follow(states.submitting, [submitDeferred]),
      start,
      { do: "sleep", until: start + 20_000 },
    ],
    [
      "its turn come, it is the next attempt",
      follow(states.submitting, [submitDeferred]),
      start + 20_000,
      { do: "submit", attempt: 2, withCallback: true },
    ],
    ["a submitting that nobody performs is presumed lost", states.submitting, start, { do: "presumeLost" }],
    [
      "an unconfirmed task is not posted again: it waits for evidence",
      states.unconfirmed,
      start,
      { do: "sleep", until: start + 30 * minute },
    ],
    [
      "a challenged one waits longer",
      follow(states.unconfirmed, [challenged]),
      start + hour,
      { do: "sleep", until: start + day },
    ],
    ["a candidate is asked about", named, start, { do: "confirm", providerTaskId: "P1" }],
    [
      "a candidate is asked about although the time for evidence has passed",
      named,
      start + 2 * day,
      { do: "confirm", providerTaskId: "P1" },
    ],
    [
      "without evidence in the bound it is given up",
      states.unconfirmed,
      start + 30 * minute,
      { do: "giveUp" },
    ],
    [
      "a generating task sleeps until its look",
      states.generating,
      start,
      { do: "sleep", until: start + 57_000 },
    ],
    ["a look that is due is taken", states.generating, start + 57_000, { do: "look", providerTaskId: "P1" }],
    ["a finished video is stored", states.storing, start, { do: "store", providerFileId: "F1" }],
    ["a stored video needs nothing", states.succeeded, start, { do: "rest" }],
    ["a failed one needs nothing", states.failed, start, { do: "rest" }],
    ["a cancelled one needs nothing", states.cancelled, start, { do: "rest" }],
  ];
  it.each(rows)("%s", (_title, task, at, step) => {
    expect(nextStep(task, at)).toEqual(step);
  });

  it.each(Object.values(states).map((task) => [task.status, task] as const))(
    "a task that is %s has a wake exactly if it is not over",
    (_status, task) => {
      expect(wakeAt(task, start) === null).toBe(isOver(task));
    },
  );

  it("a push pulls the next look forward, and never puts it off", () => {
    const pulled = inState(advance(states.generating, push("P1"), start + 1000), "generating");
    expect(pulled.lookAt).toBe(start + 1500);
    expect(advance(pulled, push("P1"), start + 1200)).toBe(pulled);
  });

  it("a push of an earlier attempt pulls the look forward too: it names the very provider task", () => {
    const pulled = inState(advance(states.generating, push("P1", 7), start + 1000), "generating");
    expect(pulled.lookAt).toBe(start + 1500);
  });

  it("every wait and bound is scaled as the task was accepted", () => {
    const fast = acceptTask(admission(), 0.01);
    const lost = follow(fast, [submitStarted, submitLost]);
    expect(nextStep(lost, start)).toEqual({ do: "sleep", until: start + 0.3 * minute });
    expect(nextStep(follow(fast, [submitStarted, submitAccepted]), start)).toEqual({
      do: "sleep",
      until: start + 570,
    });
  });

  it("a false name that MiniMax does not know for a day does not keep a task open for a week", () => {
    const unknown = { type: "candidateUnknown", providerTaskId: "P1" } as const;
    const asked = follow(named, Array<TaskEvent>(12).fill(unknown));
    expect(follow(asked, [unknown], start + day - 1)).toMatchObject({ candidates: ["P1"] });
    const dropped = follow(asked, [unknown], start + day);
    expect(dropped).toMatchObject({ status: "unconfirmed", candidates: [] });
    expect(nextStep(dropped, start + day)).toEqual({ do: "giveUp" });
  });

  it("a true name that comes after a false one was asked for all day is asked for as patiently", () => {
    const unknown = (providerTaskId: string) => ({ type: "candidateUnknown", providerTaskId }) as const;
    const asked = follow(named, Array<TaskEvent>(12).fill(unknown("P1")));
    const both = follow(asked, [push("P2"), unknown("P1"), unknown("P2")], start + day);
    expect(both).toMatchObject({ candidates: ["P1", "P2"], failures: 2 });
  });

  it("a task that waited a day for its turn is given up, however soon its next attempt would be", () => {
    const waiting = follow(states.submitting, [submitDeferred]);
    expect(nextStep(waiting, start + day - 1)).toMatchObject({ do: "submit" });
    expect(nextStep(waiting, start + day)).toEqual({ do: "giveUp" });
  });
});

describe("a file that MiniMax says it does not have", () => {
  const gone = { type: "storeTrouble", gone: true, moved: false } as const;
  const fourTimes = inState(follow(states.storing, [gone, gone, gone, gone]), "storing");

  it("is asked for again for an hour", () => {
    expect(fourTimes).toMatchObject({ failures: 4, gone: { since: start, times: 4 } });
    expect(advance(fourTimes, gone, start + hour - 1)).toMatchObject({ status: "storing" });
  });

  it("is gone after an hour of nothing but this answer, and was charged", () => {
    expect(advance(fourTimes, gone, start + hour)).toMatchObject({
      status: "failed",
      code: "file_gone",
      money: "settled",
      providerTaskId: "P1",
      endedAt: start + hour,
    });
  });

  it("is not gone for a few answers, however far apart", () => {
    const twice = follow(states.storing, [gone, gone]);
    expect(advance(twice, gone, start + 6 * hour)).toMatchObject({ status: "storing", gone: { times: 3 } });
  });

  it("may be there after all: any other answer begins the count anew", () => {
    const found = advance(fourTimes, storeTrouble, start + hour / 2);
    expect(found).toMatchObject({ status: "storing", failures: 5, gone: null });
    expect(advance(found, gone, start + hour)).toMatchObject({
      status: "storing",
      gone: { since: start + hour, times: 1 },
    });
  });

  it("is waited for in the deployment's time", () => {
    const fast = { ...fourTimes, scale: 0.01 };
    expect(advance(fast, gone, start + hour / 100 - 1).status).toBe("storing");
    expect(advance(fast, gone, start + hour / 100).status).toBe("failed");
  });

  it("cannot be fetched for seven days, where its host says so only now and then", () => {
    const late = inState(states.storing, "storing");
    expect(advance(late, gone, start + 7 * day)).toMatchObject({ code: "file_unavailable" });
  });
});

describe("a transfer that breaks again and again", () => {
  const moved = { type: "storeTrouble", gone: false, moved: true } as const;

  it("is tried again soon as long as it gets further, and ever later where it does not", () => {
    const stuck = follow(states.storing, Array(10).fill(storeTrouble));
    expect(stuck).toMatchObject({ failures: 10, storeAt: start + 1024_000 });
    const further = advance(stuck, moved, start);
    expect(further).toMatchObject({ failures: 1, storeAt: start + 2000 });
    expect(advance(further, storeTrouble, start)).toMatchObject({ failures: 2, storeAt: start + 4000 });
  });

  it("ends after seven days, even so", () => {
    expect(advance(states.storing, moved, start + 7 * day)).toMatchObject({ code: "file_unavailable" });
  });
});

describe("an event that does not fit the state it meets", () => {
  /** Where each event has something to change. Everywhere else the same object must come back. */
  const fits: Record<TaskEvent["type"], { event: TaskEvent; states: Task["status"][] }> = {
    queued: { event: queued, states: ["accepted"] },
    called: { event: { type: "called" }, states: [] },
    turnUnknown: { event: { type: "turnUnknown" }, states: ["accepted"] },
    submitStarted: { event: submitStarted, states: ["accepted"] },
    submitAccepted: { event: submitAccepted, states: ["submitting", "unconfirmed"] },
    submitRefused: { event: submitRefused, states: ["submitting"] },
    submitDeferred: { event: submitDeferred, states: ["submitting"] },
    callbackRefused: { event: { type: "callbackRefused", attempt: 1 }, states: ["submitting"] },
    submitNotSent: { event: { type: "submitNotSent", attempt: 1 }, states: ["submitting"] },
    submitLost: { event: submitLost, states: ["submitting"] },
    challenged: { event: challenged, states: ["submitting", "unconfirmed"] },
    pushed: { event: push("P1"), states: ["submitting", "unconfirmed", "generating"] },
    named: {
      event: { type: "named", providerTaskId: "P1" },
      states: ["submitting", "unconfirmed"],
    },
    moneyResolved: { event: { type: "moneyResolved", money: "released" }, states: [] },
    confirmed: { event: confirmed, states: [] },
    candidateRejected: { event: { type: "candidateRejected", providerTaskId: "P1" }, states: [] },
    candidateUnknown: { event: { type: "candidateUnknown", providerTaskId: "P1" }, states: [] },
    confirmTrouble: { event: { type: "confirmTrouble" }, states: ["unconfirmed"] },
    lookedPending: {
      event: { type: "lookedPending", providerTaskId: "P1", providerStatus: "Processing" },
      states: ["generating"],
    },
    lookedSuccess: { event: lookedSuccess, states: ["generating"] },
    lookedFail: { event: lookedFail, states: ["generating"] },
    lookedExpired: { event: { type: "lookedExpired", providerTaskId: "P1" }, states: ["generating"] },
    withdrawn: { event: { type: "withdrawn", providerTaskId: "P1" }, states: ["generating"] },
    listed: { event: { type: "listed", attempt: 1, isThere: false }, states: ["unconfirmed"] },
    lookTrouble: { event: { type: "lookTrouble" }, states: ["generating"] },
    stored: { event: stored, states: ["storing"] },
    storeTrouble: { event: storeTrouble, states: ["storing"] },
    gaveUp: { event: { type: "gaveUp" }, states: [] },
    cancelled: {
      event: cancelled,
      states: ["accepted", "submitting", "unconfirmed", "generating", "storing"],
    },
    published: {
      event: { type: "published", publication: { origins: null, title: null, alt: null, expiresAt: null } },
      states: ["accepted", "submitting", "unconfirmed", "generating", "storing", "succeeded", "failed"],
    },
    unpublished: { event: { type: "unpublished" }, states: [] },
    posterTried: { event: { type: "posterTried" }, states: [] },
    posterKept: { event: { type: "posterKept", poster }, states: [] },
  };
  const cells = Object.entries(fits).flatMap(([type, { event, states: fitting }]) =>
    Object.values(states).map((task) => ({
      type,
      status: task.status,
      task,
      event,
      fit: fitting.includes(task.status),
    })),
  );

  it.each(cells.filter((cell) => !cell.fit))("$type changes nothing in $status", ({ task, event }) => {
    expect(advance(task, event, start)).toBe(task);
  });

  it.each(cells.filter((cell) => cell.fit))("$type changes a task that is $status", ({ task, event }) => {
    expect(advance(task, event, start)).not.toBe(task);
  });

  const second = follow(states.submitting, [submitDeferred, { ...submitStarted, attempt: 2 }]);
  const strangers: [title: string, task: Task, event: TaskEvent][] = [
    ["the acceptance of an earlier attempt", second, submitAccepted],
    ["the refusal of an earlier attempt", second, submitRefused],
    ["the loss of an earlier attempt", second, submitLost],
    ["a pace refusal of an earlier attempt", second, submitDeferred],
    ["a callback refusal of an earlier attempt", second, { type: "callbackRefused", attempt: 1 }],
    ["an unsent earlier attempt", second, { type: "submitNotSent", attempt: 1 }],
    ["the challenge of an earlier attempt", second, challenged],
    ["the push of an earlier attempt", second, push("P1", 1)],
    ["the answer of an attempt that was never made", states.submitting, { ...submitAccepted, attempt: 2 }],
    ["the place of an earlier attempt", follow(states.submitting, [submitDeferred]), queued],
    ["the start of an attempt out of turn", states.accepted, { ...submitStarted, attempt: 2 }],
    ["the start of an attempt that was made", follow(states.submitting, [submitDeferred]), submitStarted],
    [
      "a callback refusal where no callback was asked for",
      follow(withoutCallback, [{ ...submitStarted, withCallback: false }]),
      { type: "callbackRefused", attempt: 1 },
    ],
    ["a push that names another provider task", states.generating, push("P2")],
    ["the success of another provider task", states.generating, { ...lookedSuccess, providerTaskId: "P2" }],
    ["the failure of another provider task", states.generating, { ...lookedFail, providerTaskId: "P2" }],
    ["the confirmation of what nobody named", states.unconfirmed, confirmed],
    ["the confirmation of another than was named", named, { ...confirmed, providerTaskId: "P2" }],
    ["a candidate named twice", named, push("P1")],
    ["a second challenge", follow(states.submitting, [challenged]), challenged],
    ["a second cancel", follow(states.generating, [cancelled]), cancelled],
    ["giving up before the bound", states.unconfirmed, { type: "gaveUp" }],
    ["giving up while there is a candidate to ask about", named, { type: "gaveUp" }],
  ];
  it.each(strangers)("%s changes nothing", (_title, task, event) => {
    expect(advance(task, event, start + 10 * minute)).toBe(task);
  });
});

describe("an end that nobody is sure of", () => {
  const over = start + day;
  const unknown = follow(states.unconfirmed, [{ type: "gaveUp" }], over);
  const late = over + 3 * day;

  it("holds its money, and remembers the attempt whose evidence may still come", () => {
    expect(unknown).toMatchObject({
      status: "failed",
      code: "outcome_unknown",
      money: "held",
      orphan: { attempt: 1, candidates: [] },
    });
    expect(nextStep(unknown, late)).toEqual({ do: "rest" });
  });

  it("is asked about when a push with its secret names a provider task, and stays an end meanwhile", () => {
    const named = advance(unknown, push("P1"), late);
    expect(isOver(named)).toBe(true);
    expect(nextStep(named, late)).toEqual({ do: "confirm", providerTaskId: "P1" });
  });

  it("lives again once MiniMax confirms it: the video lands, and its money is settled", () => {
    const revived = follow(unknown, [push("P1"), confirmed], late);
    expect(revived).toMatchObject({
      status: "generating",
      providerTaskId: "P1",
      submittedAt: late,
      lookAt: late,
    });
    expect(moneyOf(revived)).toBe("reserved");
    const landed = follow(revived, [lookedSuccess, stored], late + hour);
    expect(landed.status).toBe("succeeded");
    expect(moneyOf(landed)).toBe("settled");
  });

  it("lives again and is released, if MiniMax says that it failed", () => {
    expect(follow(unknown, [push("P1"), confirmed, lookedFail], late)).toMatchObject({
      status: "failed",
      money: "released",
      orphan: null,
    });
  });

  it("of a cancelled task stays cancelled for its caller, and only its money is found out", () => {
    const cancelledUnknown = follow(states.unconfirmed, [cancelled, { type: "gaveUp" }], over);
    expect(cancelledUnknown).toMatchObject({ status: "cancelled", money: "held", orphan: { attempt: 1 } });
    const revived = follow(cancelledUnknown, [push("P1"), confirmed], late);
    expect(isCancelled(revived)).toBe(true);
    expect(follow(revived, [lookedSuccess], late)).toMatchObject({ status: "cancelled", money: "settled" });
  });

  it("is not asked about for an attempt that was proven not to have counted", () => {
    expect(advance(unknown, push("P1", 2), late)).toBe(unknown);
  });

  it("is asked about for what the operator found, whether or not an attempt is known", () => {
    const timedOut = follow(states.generating, [{ type: "lookTrouble" }], start + 8 * day);
    expect(timedOut).toMatchObject({ code: "generation_timeout", money: "held", orphan: { attempt: null } });
    expect(advance(timedOut, push("P1"), late)).toBe(timedOut);
    for (const task of [unknown, timedOut]) {
      const found = follow(task, [{ type: "named", providerTaskId: "P1" }, confirmed], late);
      expect(found.status).toBe("generating");
    }
  });

  it("asks first after what the operator found, although pushes named as many as are kept", () => {
    const full = follow(
      unknown,
      ["F1", "F2", "F3", "F4", "F5"].map((id) => push(id)),
      late,
    );
    const found = advance(full, { type: "named", providerTaskId: "P1" }, late);
    expect(nextStep(found, late)).toEqual({ do: "confirm", providerTaskId: "P1" });
    expect(found).toMatchObject({ orphan: { candidates: ["P1", "F1", "F2", "F3"] } });
  });

  it("forgets a name that MiniMax does not know for a week, and one that is another task's", () => {
    const named = advance(unknown, push("P1"), late);
    const waiting = follow(named, [{ type: "confirmTrouble" }, { type: "confirmTrouble" }], late);
    expect(nextStep(waiting, late)).toMatchObject({ do: "sleep" });
    expect(nextStep(waiting, late + 7 * day)).toEqual({ do: "giveUp" });
    expect(nextStep(advance(waiting, { type: "gaveUp" }, late + 7 * day), late + 7 * day)).toEqual({
      do: "rest",
    });
    const rejected = advance(named, { type: "candidateRejected", providerTaskId: "P1" }, late);
    expect(nextStep(rejected, late)).toEqual({ do: "rest" });
  });

  it("has its money settled or released by the operator, once; evidence that comes later still counts", () => {
    const released = advance(unknown, { type: "moneyResolved", money: "released" }, late);
    expect(moneyOf(released)).toBe("released");
    expect(advance(released, { type: "moneyResolved", money: "settled" }, late)).toBe(released);
    const landed = follow(released, [push("P1"), confirmed, lookedSuccess, stored], late);
    expect(landed.status).toBe("succeeded");
  });
});

describe("leaving the pacer", () => {
  const rows: [title: string, before: Task, after: Task, uncounted: boolean, counted: boolean][] = [
    ["a task in line that is cancelled", inLine, states.cancelled, true, true],
    ["a task in line that is put on its way", inLine, states.submitting, false, false],
    ["a task not in line that is cancelled", states.accepted, states.cancelled, false, true],
    ["a create that was taken", states.submitting, states.generating, false, false],
    ["a create that was refused", states.submitting, states.failed, false, true],
    ["a create that was put off", states.submitting, states.accepted, false, true],
    ["a video that is made", states.generating, states.storing, false, true],
    ["a lost create that is given up", states.unconfirmed, states.failed, false, true],
    ["a video that is stored", states.storing, states.succeeded, false, false],
  ];
  it.each(rows)("is due after %s", (_title, before, after, uncounted, counted) => {
    expect(leavesPacer(before, after, false)).toBe(uncounted);
    expect(leavesPacer(before, after, true)).toBe(counted);
  });

  it("a place in line is never slept on beyond the day after which the task is given up", () => {
    const late = follow(states.accepted, [{ ...queued, until: start + 3 * day }]);
    expect(wakeAt(late, start)).toBe(start + day);
  });

  it("without a pacer a task asks ever more rarely", () => {
    const waits = [0, 40_000, hour].map((age) => {
      const task = advance(states.accepted, { type: "turnUnknown" }, start + age);
      return inState(task, "accepted").submitAt - (start + age);
    });
    expect(waits).toEqual([5000, 10_000, 5 * minute]);
  });
});

describe("what is told about a task", () => {
  it.each([
    ["accepted", false, states.accepted],
    ["submitting", false, states.submitting],
    ["waiting its turn", true, follow(states.submitting, [submitDeferred])],
    ["in line", true, inLine],
    ["unconfirmed", true, states.unconfirmed],
    ["generating", true, states.generating],
    ["failed", true, states.failed],
    ["cancelled", true, states.cancelled],
  ])("whether a task that is %s has MiniMax's verdict: %s", (_title, verdict, task) => {
    expect(hasVerdict(task)).toBe(verdict);
  });

  it("a task is cancelled for its caller at once, even while MiniMax goes on", () => {
    const task = follow(states.generating, [cancelled]);
    expect(isCancelled(task)).toBe(true);
    expect(isOver(task)).toBe(false);
  });

  it("carries exactly the fields of its state: nothing of an earlier one stays behind", () => {
    const keys = (task: Task) => Object.keys(task).sort();
    const common = keys(states.accepted).filter(
      (key) =>
        !["status", "attempts", "submitAt", "withCallback", "deferredBy", "queuePosition"].includes(key),
    );
    expect(keys(states.failed)).toEqual(
      [...common, "status", "code", "provider", "money", "providerTaskId", "endedAt", "orphan"].sort(),
    );
    expect(keys(states.generating)).toEqual(
      [
        ...common,
        "status",
        "providerTaskId",
        "submittedAt",
        "providerStatus",
        "lookAt",
        "failures",
        "cancelledAt",
      ].sort(),
    );
  });
});
