/** What callers are told about a task, in each of its states and in the words of each family of answers. */

import { describe, expect, it } from "vitest";
import { acceptTask, type Task } from "../../src/domain/task.ts";
import { createdView, deletedView, dollars, failureOf, queryView, videoView } from "../../src/domain/view.ts";
import {
  admission,
  day,
  follow,
  lookedFail,
  lookedSuccess,
  order,
  start,
  states,
  stored,
  submitAccepted,
  submitDeferred,
  submitLost,
  submitRefused,
  submitStarted,
} from "./tasks.ts";

const cancelled = { type: "cancelled" } as const;
const waiting = follow(states.submitting, [submitDeferred]);
const inLine = follow(states.accepted, [{ type: "queued", attempt: 1, position: 3, until: start + 1000 }]);
const watched = follow(states.generating, [cancelled]);
const unknown = follow(acceptTask(admission({ publicUrl: null }), 1), [
  { ...submitStarted, withCallback: false },
  submitLost,
  { type: "gaveUp" },
]);
const queued = follow(states.generating, [
  { type: "lookedPending", providerTaskId: "P1", providerStatus: "Queueing" },
]);
const origin = "https://video.example.com";
const link = { url: "https://video.example.com/files/x.mp4?exp=1", expiresAt: 1_800_086_400 };

describe("a task's status", () => {
  const rows: [title: string, task: Task, query: string, video: string, cost: string][] = [
    ["accepted", states.accepted, "Preparing", "queued", "reserved"],
    ["in line", inLine, "Queueing", "queued", "reserved"],
    ["waiting its turn at MiniMax", waiting, "Queueing", "queued", "reserved"],
    ["being submitted", states.submitting, "Preparing", "queued", "reserved"],
    ["unconfirmed", states.unconfirmed, "Preparing", "queued", "reserved"],
    ["generating", states.generating, "Preparing", "in_progress", "reserved"],
    ["queued at MiniMax", queued, "Queueing", "in_progress", "reserved"],
    ["being stored", states.storing, "Processing", "in_progress", "settled"],
    ["stored", states.succeeded, "Success", "completed", "settled"],
    ["refused", states.failed, "Fail", "failed", "released"],
    ["lost", unknown, "Fail", "failed", "held"],
    ["cancelled", states.cancelled, "Fail", "failed", "released"],
    ["cancelled and watched on", watched, "Fail", "failed", "reserved"],
  ];
  it.each(rows)("of one that is %s", (_title, task, query, video, cost) => {
    expect(queryView(task, start, null).status).toBe(query);
    expect(createdView(task, origin).status).toBe(video);
    expect(videoView(task, start, null, origin)).toMatchObject({ status: video, cost: { state: cost } });
  });

  it.each(rows)("says nothing of a file before there is one: %s", (_title, task, query) => {
    const done = query === "Success";
    expect(queryView(task, start, null)).toMatchObject(
      done
        ? { file_id: "file_00000000000000000000000001", video_width: 1366, video_height: 768 }
        : { file_id: "", video_width: 0, video_height: 0 },
    );
    expect(videoView(task, start, null, origin)).toMatchObject(
      done
        ? { file_id: "file_00000000000000000000000001", bytes: 1234 }
        : { file_id: null, bytes: null, sha256: null },
    );
  });
});

describe("a video object", () => {
  it("tells all there is about a stored video", () => {
    expect(videoView(states.succeeded, start, link, origin)).toEqual({
      id: "task_00000000000000000000000001",
      object: "video",
      model: "MiniMax-Hailuo-2.3",
      mode: "text",
      status: "completed",
      progress: 100,
      queue_position: null,
      prompt: "Ocean waves at sunset",
      seconds: "6",
      size: "1366x768",
      resolution: "768P",
      take: 1,
      created_at: start / 1000,
      completed_at: start / 1000,
      expires_at: null,
      retry_of: null,
      remixed_from_video_id: null,
      error: null,
      cost: { estimated_usd: 0.28, charged_usd: 0.28, state: "settled" },
      metadata: {},
      file_id: "file_00000000000000000000000001",
      bytes: 1234,
      sha256: "ab".repeat(32),
      download_url: link.url,
      download_url_expires_at: link.expiresAt,
      publication: null,
    });
  });

  it("names the resolution as its size where MiniMax told no pixels", () => {
    const blind = follow(states.generating, [{ ...lookedSuccess, width: 0, height: 0 }, stored]);
    expect(videoView(blind, start, null, origin).size).toBe("768P");
  });

  it("tells whole seconds, rounded down", () => {
    const task = acceptTask(admission({ createdAt: start + 999 }), 1);
    expect(createdView(task, origin).created_at).toBe(start / 1000);
  });

  it("has no price where MiniMax publishes none", () => {
    const first = { ...order, model: "T2V-01", resolution: "720P" } as const;
    const task = acceptTask(admission({ order: first, priceMicroUsd: null }), 1);
    expect(createdView(task, origin).estimated_cost_usd).toBeNull();
    expect(videoView(task, start, null, origin).cost.estimated_usd).toBeNull();
  });

  it.each([
    ["reserved", null, states.generating],
    ["settled", 0.28, states.storing],
    ["released", 0, states.failed],
    ["held", null, unknown],
  ] as const)("that is %s says that %s dollars were charged", (state, charged_usd, task) => {
    expect(videoView(task, start, null, origin).cost).toEqual({ estimated_usd: 0.28, charged_usd, state });
  });

  it("tells beforehand when it will be removed", () => {
    const kept = follow(acceptTask(admission({ retentionDays: 2 }), 1), [
      submitStarted,
      submitAccepted,
      lookedSuccess,
      stored,
    ]);
    expect(videoView(kept, start, null, origin).expires_at).toBe((start + 2 * day) / 1000);
  });

  it("carries its own copy of the metadata", () => {
    const task = acceptTask(admission({ metadata: { page: "home" } }), 1);
    const view = videoView(task, start, null, origin);
    view.metadata.page = "changed";
    expect(task.metadata).toEqual({ page: "home" });
  });
});

describe("a place in line", () => {
  it("is told while the task stands there, and only then", () => {
    expect(queryView(inLine, start, null).queue_position).toBe(3);
    expect(videoView(inLine, start, null, origin).queue_position).toBe(3);
    const gone = follow(inLine, [submitStarted]);
    expect(queryView(gone, start, null)).not.toHaveProperty("queue_position");
    expect(videoView(gone, start, null, origin).queue_position).toBeNull();
  });
});

describe("a query", () => {
  it("tells the link and its end only when it is asked for", () => {
    expect(queryView(states.succeeded, start, link)).toMatchObject({
      download_url: link.url,
      expires_at: link.expiresAt,
    });
    expect(queryView(states.succeeded, start, null)).not.toHaveProperty("download_url");
  });

  it("names the task twice, for either family of clients, and nothing went wrong", () => {
    expect(queryView(states.generating, start, null)).toMatchObject({
      id: "task_00000000000000000000000001",
      task_id: "task_00000000000000000000000001",
      object: "video",
      base_resp: { status_code: 0, status_msg: "success" },
    });
    expect(queryView(states.generating, start, null)).not.toHaveProperty("error");
  });

  it("tells MiniMax's refusal in a sentence, with MiniMax's own code and words in base_resp", () => {
    const view = queryView(states.failed, start, null);
    expect(view.error).toContain("sensitive");
    expect(view.error).toContain("input new_sensitive, 1026");
    expect(view.base_resp).toEqual({ status_code: 1026, status_msg: "input new_sensitive" });
  });

  it("tells a failure for which MiniMax gave no reason without pretending success", () => {
    const view = queryView(follow(states.generating, [lookedFail]), start, null);
    expect(view.status).toBe("Fail");
    expect(view.base_resp.status_code).not.toBe(0);
    expect(view.error).not.toContain("success");
  });

  it("tells a lost create as one that may have been charged", () => {
    expect(queryView(unknown, start, null).error).toContain("may have been charged");
    expect(failureOf(unknown)).toMatchObject({ code: "outcome_unknown", provider: null });
  });
});

describe("progress", () => {
  const at = (share: number) => queryView(states.generating, start + share * 95_000, null).progress;

  it("grows with the model's usual time and stops short of the end until the file is there", () => {
    expect([at(0), at(0.5), at(1), at(100)]).toEqual([1, 45, 90, 90]);
    expect(queryView(states.storing, start, null).progress).toBe(95);
    expect(queryView(states.succeeded, start, null).progress).toBe(100);
  });

  it("goes by the scale under which the task was accepted", () => {
    const fast = follow(acceptTask(admission(), 0.01), [submitStarted, submitAccepted]);
    expect(queryView(fast, start + 475, null).progress).toBe(45);
  });

  it.each(["accepted", "submitting", "unconfirmed", "failed", "cancelled"] as const)(
    "is none when %s",
    (status) => {
      expect(queryView(states[status], start + 60_000, null).progress).toBe(0);
    },
  );

  it("is none for a cancelled video, although MiniMax goes on: its caller is told the same before and after", () => {
    const later = start + 60_000;
    const ended = follow(watched, [lookedFail], later);
    expect(queryView(watched, later, null)).toEqual(queryView(ended, later, null));
  });
});

describe("the answer to a delete", () => {
  it.each([
    ["a cancel in time", "cancelled", states.cancelled, "Nothing was charged."],
    ["a cancel too late to stop MiniMax", "cancelled", watched, "may still charge"],
    ["a cancel of a made video", "cancelled", follow(states.storing, [cancelled]), "was charged"],
    ["the removal of a video", "removed", states.succeeded, "was charged"],
    ["the removal of a refused one", "removed", states.failed, "Nothing was charged."],
    ["the removal of a lost one", "removed", unknown, "stays held"],
  ] as const)("says for %s what it means for the money", (_title, did, task, money) => {
    const view = deletedView(did, task);
    expect(view.message).toContain(money);
    expect(view).toMatchObject({
      object: did === "removed" ? "video.deleted" : "video.cancelled",
      deleted: did === "removed",
      cancelled: did === "cancelled",
    });
  });
});

it("turns millionths of a dollar into dollars", () => {
  expect([dollars(280_000), dollars(0), dollars(null)]).toEqual([0.28, 0, null]);
});

it("never tells a refused prompt's task that it was charged", () => {
  expect(failureOf(follow(states.submitting, [submitRefused]))?.message).toContain("nothing was charged");
});
