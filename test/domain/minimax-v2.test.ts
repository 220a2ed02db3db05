/** A task in the words of MiniMax's V2, in each of its states; and what an account's list knows of it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asMiniMaxV2Lists, miniMaxV2Status, miniMaxV2Task } from "../../src/domain/minimax-v2.ts";
import { acceptTask, type Task, type TaskEvent } from "../../src/domain/task.ts";
import {
  admission,
  follow,
  h3Order,
  lookedFail,
  lookedSuccess,
  start,
  states,
  stored,
  submitAccepted,
  submitDeferred,
  submitLost,
  submitRefused,
  submitStarted,
} from "./tasks.ts";

const link = { url: "https://video.example.com/files/x.mp4?exp=1", expiresAt: 1_800_086_400 };
const usage = { outputSeconds: 5, inputSeconds: 3, images: 2 };
const cancelled = { type: "cancelled" } as const;
const withdrawn = { type: "withdrawn", providerTaskId: "P1" } as const;
const looked = (providerStatus: "Queueing" | "Processing") =>
  ({ type: "lookedPending", providerTaskId: "P1", providerStatus }) as const;

const accepted = acceptTask(admission({ order: h3Order }), 1);
const generating = follow(accepted, [submitStarted, submitAccepted]);
const succeeded = follow(generating, [{ ...lookedSuccess, usage }, stored]);

describe("a task's status", () => {
  const rows: [title: string, task: Task, status: string, listed: string][] = [
    ["accepted", accepted, "queued", "queued"],
    ["put off by MiniMax", follow(accepted, [submitStarted, submitDeferred]), "queued", "queued"],
    ["being submitted", follow(accepted, [submitStarted]), "queued", "queued"],
    ["of which nobody knows", follow(accepted, [submitStarted, submitLost]), "running", "running"],
    ["queued at MiniMax", follow(generating, [looked("Queueing")]), "queued", "running"],
    ["begun at MiniMax", follow(generating, [looked("Processing")]), "running", "running"],
    ["of a model that nobody can cancel, at MiniMax", states.generating, "running", "running"],
    ["being stored", follow(generating, [lookedSuccess]), "running", "running"],
    ["stored", succeeded, "succeeded", "succeeded"],
    ["refused", states.failed, "failed", "failed"],
    ["cancelled before it was sent", states.cancelled, "cancelled", "cancelled"],
    ["cancelled and watched on", follow(states.generating, [cancelled]), "cancelled", "cancelled"],
    ["cancelled at MiniMax by somebody", follow(generating, [withdrawn]), "cancelled", "cancelled"],
  ];
  it.each(rows)("of one that is %s", (_title, task, status, listed) => {
    expect(miniMaxV2Status(task)).toBe(status);
    expect(miniMaxV2Status(asMiniMaxV2Lists(task))).toBe(listed);
    expect(miniMaxV2Task(task, link).status).toBe(status);
  });
});

describe("a task", () => {
  it("that succeeded has its link and what MiniMax counted", () => {
    expect(miniMaxV2Task(succeeded, link)).toEqual({
      ...{ id: accepted.taskId, model: "MiniMax-H3", status: "succeeded" },
      ...{ created_at: start / 1000, updated_at: start / 1000 },
      content: { url: link.url },
      ...{ resolution: "768P", duration: 5, ratio: "16:9", task_type: "generation", modality: "video" },
      usage: { total_seconds: 8, input_seconds: 3, output_seconds: 5, input_image_count: 2 },
    });
    expect(miniMaxV2Task(succeeded, null)).not.toHaveProperty("content");
  });

  it.each([
    ["MiniMax's number", [submitStarted, submitRefused], "1026"],
    ["the table's number where MiniMax gave none", [submitStarted, submitAccepted, lookedFail], "1000"],
  ] as const)("that failed has %s and a sentence", (_title, events, code) => {
    const { error, usage: counted } = miniMaxV2Task(follow(accepted, events), null);
    expect(error).toEqual({ code, message: expect.stringMatching(/^MiniMax .*charged/) });
    expect(counted).toEqual({});
  });

  it("that was written down before MiniMax's count was kept succeeded without it", () => {
    const { usage: _, ...before } = succeeded;
    expect(miniMaxV2Task(before as Task, link)).toMatchObject({ status: "succeeded", usage: {} });
  });

  it("after any events tells a link, a count and a reason only where its status has them", () => {
    const events: TaskEvent[] = [
      ...[submitStarted, submitAccepted, submitLost, submitRefused, submitDeferred, cancelled, withdrawn],
      ...[looked("Queueing"), looked("Processing"), { ...lookedSuccess, usage }, lookedFail, stored],
      { type: "gaveUp" },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(accepted, states.accepted),
        fc.array(fc.constantFrom(...events), { maxLength: 12 }),
        (from, happened) => {
          const task = follow(from, happened);
          const told = miniMaxV2Task(task, link);
          expect("content" in told).toBe(told.status === "succeeded");
          expect("error" in told).toBe(told.status === "failed");
          if (told.status !== "succeeded") expect(told.usage).toEqual({});
          expect(told.updated_at).toBeGreaterThanOrEqual(told.created_at);
        },
      ),
    );
  });
});
