/*
 * Every way to misbehave, seen from the caller's side of a real socket, and what the ledger says afterwards.
 */
import { describe, expect, it } from "vitest";
import { createSimulator } from "../../src/simulator/app.ts";
import { type Json, key, useSimulator } from "./caller.ts";

const caller = useSimulator();
let serial = 0;
const promptWith = (scenario: string) => `a calm sea ${++serial} [sim: ${scenario}]`;

/** What became of a request, in a word. */
async function fate(request: (signal: AbortSignal) => Promise<Response>): Promise<string> {
  try {
    const response = await request(AbortSignal.timeout(300));
    const text = await response.text();
    if (response.status !== 200) return `http ${response.status}`;
    const answer = JSON.parse(text) as Json;
    const { status_code } = answer.base_resp;
    return status_code === 0 && "task_id" in answer ? "task" : `code ${status_code}`;
  } catch (error) {
    if (error instanceof SyntaxError) return "garbage";
    return (error as Error).name === "TimeoutError" ? "silence" : "lost";
  }
}

const authorized = { Authorization: `Bearer ${key}` };
const createFate = (prompt: string) =>
  fate((signal) =>
    caller.send("/v1/video_generation", {
      method: "POST",
      headers: authorized,
      body: JSON.stringify({ model: "MiniMax-Hailuo-02", prompt }),
      signal,
    }),
  );
const getFate = (path: string) => fate((signal) => caller.send(path, { headers: authorized, signal }));

describe("a create", () => {
  it.each([
    // scenario, what three POSTs of one prompt see, how many videos MiniMax then makes
    ["refuse=1008", ["code 1008", "code 1008", "code 1008"], 0],
    ["refuse=1002x2", ["code 1002", "code 1002", "task"], 1],
    ["create-http=502", ["http 502", "http 502", "http 502"], 0],
    ["create-http=500x1", ["http 500", "task", "task"], 2],
    ["create-drop", ["lost", "lost", "lost"], 0],
    ["create-drop=1", ["lost", "task", "task"], 2],
    ["accept-then=drop", ["lost", "lost", "lost"], 3],
    ["accept-then=dropx1", ["lost", "task", "task"], 3],
    ["accept-then=hangx1", ["silence", "task", "task"], 3],
    ["accept-then=502x1", ["http 502", "task", "task"], 3],
    ["accept-then=500x1", ["http 500", "task", "task"], 3],
    ["accept-then=garbagex1", ["garbage", "task", "task"], 3],
    ["accept-then=empty-idx1", ["code 0", "task", "task"], 3],
    ["accept-then=1000x1", ["code 1000", "task", "task"], 3],
    ["accept-then=1001x1", ["code 1001", "task", "task"], 3],
    ["accept-then=1024x1", ["code 1024", "task", "task"], 3],
    ["accept-then=1033x1", ["code 1033", "task", "task"], 3],
    ["refuse=1002x1 accept-then=dropx1", ["code 1002", "lost", "task"], 2],
  ])("told %s", async (scenario, fates, billed) => {
    const prompt = promptWith(scenario);
    const seen = [await createFate(prompt), await createFate(prompt), await createFate(prompt)];
    expect(seen).toEqual(fates);
    expect(await caller.ledger(prompt)).toMatchObject({ creates: 3, accepted: billed, billed });
  });

  it("told create-delay is accepted at once and answered late", async () => {
    const prompt = promptWith("create-delay=250");
    const startedAt = Date.now();
    const answer = createFate(prompt);
    await expect.poll(async () => (await caller.ledger(prompt)).accepted).toBe(1);
    expect(await answer).toBe("task");
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(245);
  });
});

describe("a query", () => {
  it.each([
    ["query-drop=2", ["lost", "lost", "task"]],
    ["query-drop", ["lost", "task", "task"]],
    ["query-hang=1", ["silence", "task", "task"]],
    ["query-http=503x2", ["http 503", "http 503", "task"]],
    ["query-code=1000x1", ["code 1000", "task", "task"]],
    ["query-garbage=1", ["garbage", "task", "task"]],
  ])("told %s", async (scenario, fates) => {
    for (const _ of ["a task", "and another, counted by itself"]) {
      const path = `/v1/query/video_generation?task_id=${await caller.order(promptWith(scenario))}`;
      expect([await getFate(path), await getFate(path), await getFate(path)]).toEqual(fates);
    }
  });

  it.each([
    [
      "fail=1027",
      { status: "Fail", file_id: "", base_resp: { status_code: 1027, status_msg: "output new_sensitive" } },
    ],
    ["fail=none", { status: "Fail", file_id: "", base_resp: { status_code: 0, status_msg: "success" } }],
    ["instant", { status: "Success" }],
    ["stall", { status: "Processing", file_id: "" }],
    ["late=1000000", { status: "Preparing" }],
    ["instant no-file=1", { status: "Success", file_id: "" }],
    ["odd-status=1", { status: "Pending" }],
    ["empty-status=1", { status: "" }],
  ])("told %s", async (scenario, answer) => {
    const taskId = await caller.order(promptWith(scenario));
    if (!scenario.includes("=1") || scenario.startsWith("fail"))
      await new Promise((go) => setTimeout(go, 120));
    expect(await caller.queryJson(taskId)).toMatchObject(answer);
  });

  it.each(["no-file=2", "odd-status=2", "empty-status=2"])("told %s recovers after two", async (scenario) => {
    const taskId = await caller.order(promptWith(`instant ${scenario}`));
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push((await caller.queryJson(taskId)).file_id);
    expect(ids).toEqual(["", "", expect.stringMatching(/^\d{15}$/)]);
  });
});

describe("a retrieve", () => {
  it.each([
    ["retrieve-drop=1", ["lost", "code 0", "code 0"]],
    ["retrieve-hang=1", ["silence", "code 0", "code 0"]],
    ["retrieve-http=500x2", ["http 500", "http 500", "code 0"]],
    ["retrieve-code=1013x1", ["code 1013", "code 0", "code 0"]],
    ["file-gone", ["code 2013", "code 2013", "code 2013"]],
  ])("told %s", async (scenario, fates) => {
    const { file_id } = await caller.finish(await caller.order(promptWith(`instant ${scenario}`)));
    const path = `/v1/files/retrieve?file_id=${file_id}`;
    expect([await getFate(path), await getFate(path), await getFate(path)]).toEqual(fates);
  });
});

describe("in-process, without a socket", () => {
  const { app } = createSimulator({ speed: 2000 });
  const create = (scenario: string) =>
    app.request("/v1/video_generation", {
      method: "POST",
      headers: authorized,
      body: JSON.stringify({ model: "MiniMax-Hailuo-02", prompt: promptWith(scenario) }),
    });

  it("a dropped connection is a rejected promise", async () => {
    await expect(create("accept-then=drop")).rejects.toThrow("dropped");
  });

  it("a hanging answer never settles", async () => {
    const silence = new Promise((resolve) => setTimeout(resolve, 50, "silence"));
    expect(await Promise.race([create("accept-then=hang"), silence])).toBe("silence");
  });
});
