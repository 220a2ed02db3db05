/** What a step asks MiniMax before it cancels, and what its list is taken for: a wrong word of ours could cost a video. */

import { describe, expect, it } from "vitest";
import { acceptTask } from "../../src/domain/task.ts";
import { list, withdraw } from "../../src/durable/perform.ts";
import type { Reach } from "../../src/durable/reach.ts";
import { wires } from "../../src/ports/minimax/wires.ts";
import { admission, h3Order, start } from "../domain/tasks.ts";
import { env } from "./objects.ts";

type Said = { status?: number; body: unknown };

/** MiniMax answers by the method; `asked` is what it was asked. */
function reachFor(get: Said, remove: Said = { body: {} }, held: readonly string[] = []) {
  const asked: string[] = [];
  const notes: string[] = [];
  const reach: Reach = {
    note: ({ event, answer, reason }) => notes.push(`${event} ${answer} ${reason ?? ""}`.trim()),
    minimax: {
      fetch: async ({ method }) => {
        asked.push(method);
        const { status = 200, body } = method === "DELETE" ? remove : get;
        return new Response(JSON.stringify(body), { status });
      },
      apiKey: "key",
      baseUrl: "https://api.minimax.io",
      createTimeoutMs: 120_000,
      askTimeoutMs: 1000,
      onTooFast: () => {},
    },
    wire: wires.v2,
    bucket: env.VIDEOS,
    transfer: { idleMs: 1000, headersMs: 1000, maxBytes: 1000 },
    claim: async () => true,
    isHeld: async (id) => held.includes(id),
  };
  return { reach, asked, notes };
}

const task = (status: string, more: object = {}) => ({ body: { task: { id: "P1", status, ...more } } });
const running = {
  status: 400,
  body: { error: { message: "a task that is running cannot be cancelled (2013)" } },
};

describe("a cancel", () => {
  it.each([
    ["running", { type: "lookedPending", providerStatus: "Processing" }],
    ["dreaming", { type: "lookedPending" }],
    ["failed", { type: "lookedFail" }],
    ["cancelled", { type: "withdrawn" }],
    ["expired", { type: "lookedExpired" }],
  ])("is not asked for of what is %s: the same call would delete what is over", async (status, event) => {
    const { reach, asked } = reachFor(task(status));
    expect(await withdraw(reach, "P1")).toMatchObject(event);
    expect(asked).toEqual(["GET"]);
  });

  it("is not asked for of what has succeeded", async () => {
    const { reach, asked } = reachFor(task("succeeded", { content: { url: "https://a/b.mp4" } }));
    expect(await withdraw(reach, "P1")).toMatchObject({ type: "lookedSuccess" });
    expect(asked).toEqual(["GET"]);
  });

  it.each<[string, Said, object]>([
    ["was done", { body: { action: "cancelled" } }, { type: "withdrawn" }],
    ["came too late: it runs", running, { type: "lookedPending", providerStatus: "Processing" }],
    [
      "came too late: it is made",
      { body: { action: "deleted", status: "succeeded" } },
      { type: "lookedSuccess" },
    ],
    ["came too late: it failed", { body: { action: "deleted", status: "failed" } }, { type: "lookedFail" }],
    ["came too late, and how is not told", { body: { action: "deleted" } }, { type: "lookedExpired" }],
    ["is not answered", { status: 502, body: null }, { type: "lookTrouble" }],
  ])("of what is queued %s", async (_title, said, event) => {
    const { reach, asked } = reachFor(task("queued"), said);
    expect(await withdraw(reach, "P1")).toMatchObject(event);
    expect(asked).toEqual(["GET", "DELETE"]);
  });
});

describe("MiniMax's list", () => {
  const lost = acceptTask(admission({ order: h3Order }), 1);
  const ask = (reach: Reach) => list(reach, lost, { attempt: 1, startedAt: start });
  const item = (about: object = {}) => ({
    ...{ id: "P1", status: "running", model: "MiniMax-H3", resolution: "768P", duration: 5 },
    created_at: start / 1000 + 2,
    ...about,
  });

  it.each<[string, object[], readonly string[], boolean]>([
    ["one that could be it", [item()], [], true],
    ["one that another task of ours holds", [item()], ["P1"], false],
    ["another size", [item({ resolution: "2K" })], [], false],
    ["another length", [item({ duration: 6 })], [], false],
    ["one of before", [item({ created_at: start / 1000 - 600 })], [], false],
    ["one of much later", [item({ created_at: start / 1000 + 600 })], [], false],
    ["nothing", [], [], false],
  ])("with %s decides how long to wait, and nothing else", async (_title, items, held, isThere) => {
    const { reach, notes } = reachFor({ body: { items, total: items.length } }, undefined, held);
    expect(await ask(reach)).toEqual({ type: "listed", attempt: 1, isThere });
    expect(notes).toEqual([isThere ? "list found P1" : "list none"]);
  });

  it("that cannot be had is a reason for patience", async () => {
    expect(await ask(reachFor({ status: 502, body: null }).reach)).toMatchObject({ isThere: true });
  });
});
