/*
 * Every way to misbehave on V2, seen from the caller's side of a real socket: the words that V1 knows, and V2's
 * own.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Json, key, textBody, useSimulator, wait } from "./caller.ts";

const caller = useSimulator();
let serial = 0;
const promptWith = (scenario: string) => `a calm sea ${++serial} [sim: ${scenario}]`;

/** What became of a request, in a word. */
async function fate(method: string, path: string, body?: object): Promise<string> {
  try {
    const init = {
      method,
      body: body ? JSON.stringify(body) : null,
      headers: { Authorization: `Bearer ${key}` },
    };
    const response = await caller.send(path, { ...init, signal: AbortSignal.timeout(300) });
    const text = await response.text();
    if (text.startsWith("<")) return `http ${response.status}`;
    const answer = JSON.parse(text) as Json;
    const named = "task_id" in answer ? "task" : "task" in answer ? answer.task.status : "nothing";
    return "error" in answer
      ? `code ${/\((\d+)\)$/.exec(answer.error.message)?.[1]}${named === "task" ? " and task" : ""}`
      : named;
  } catch (error) {
    if (error instanceof SyntaxError) return "garbage";
    return (error as Error).name === "TimeoutError" ? "silence" : "lost";
  }
}
const createFate = (prompt: string) => fate("POST", "/v2/video_generation", textBody(prompt));
const queryFate = (taskId: string) => fate("GET", `/v2/query/video_generation/${taskId}`);
const deleteFate = (taskId: string) => fate("DELETE", `/v2/video_generation/${taskId}`);

describe("a create", () => {
  it.each([
    // scenario, what three POSTs of one prompt see, how many videos MiniMax then makes
    ["refuse=1008", ["code 1008", "code 1008", "code 1008"], 0],
    ["refuse=1002x2", ["code 1002", "code 1002", "task"], 1],
    ["create-http=529", ["http 529", "http 529", "http 529"], 0],
    ["create-drop=1", ["lost", "task", "task"], 2],
    ["accept-then=dropx1", ["lost", "task", "task"], 3],
    ["accept-then=hangx1", ["silence", "task", "task"], 3],
    ["accept-then=502x1", ["http 502", "task", "task"], 3],
    ["accept-then=garbagex1", ["garbage", "task", "task"], 3],
    ["accept-then=empty-idx1", ["nothing", "task", "task"], 3],
    ["accept-then=1000x1", ["code 1000", "task", "task"], 3],
    ["accept-then=named-1002x1", ["code 1002 and task", "task", "task"], 3],
  ])("told %s", async (scenario, fates, billed) => {
    const prompt = promptWith(scenario);
    const seen = [await createFate(prompt), await createFate(prompt), await createFate(prompt)];
    expect(seen).toEqual(fates);
    const bill = { creates: 3, accepted: billed, billed, billed_micro_usd: billed * 400_000 };
    expect(await caller.ledger(prompt)).toMatchObject(bill);
    await caller.send("/simulator/reset", { method: "POST" });
  });

  it("told create-delay is accepted at once and answered late", async () => {
    const prompt = promptWith("create-delay=250");
    const answer = createFate(prompt);
    await expect.poll(async () => (await caller.ledger(prompt)).accepted).toBe(1);
    expect(await answer).toBe("task");
  });

  it("told a word that means nothing here is refused, on either wire", async () => {
    const response = await caller.v2.create(textBody(promptWith("retrieve-drop")));
    const { error } = (await response.json()) as Json;
    expect(error.message).toBe("invalid params, scenario word retrieve-drop means nothing on v2 (2013)");
    const onV1 = await caller.createJson({ model: "MiniMax-Hailuo-02", prompt: promptWith("expired") });
    expect(onV1.base_resp.status_msg).toBe("invalid params, scenario word expired means nothing on v1");
  });
});

describe("a query", () => {
  it.each([
    ["query-drop=2", ["lost", "lost", "succeeded"]],
    ["query-hang", ["silence", "succeeded", "succeeded"]],
    ["query-http=503x2", ["http 503", "http 503", "succeeded"]],
    ["query-code=1000", ["code 1000", "succeeded", "succeeded"]],
    ["query-garbage", ["garbage", "succeeded", "succeeded"]],
    ["odd-status=2", ["preparing", "preparing", "succeeded"]],
    ["empty-status", ["", "succeeded", "succeeded"]],
    ["fail=1027", ["failed", "failed", "failed"]],
    ["fail=none", ["failed", "failed", "failed"]],
    ["expired", ["expired", "expired", "expired"]],
    ["cancelled", ["cancelled", "cancelled", "cancelled"]],
    ["queue=60000", ["queued", "queued", "queued"]],
    ["task-lifetime=0", ["code 2013", "code 2013", "code 2013"]],
  ])("told %s", async (scenario, fates) => {
    for (const _ of ["a task", "and another, counted by itself"]) {
      const taskId = await caller.v2.order(promptWith(`instant ${scenario}`));
      expect([await queryFate(taskId), await queryFate(taskId), await queryFate(taskId)]).toEqual(fates);
    }
  });

  it.each([
    ["stall", "running"],
    ["late=1000000", "queued"],
    ["queue=60000", "queued"],
  ])("told %s is %s for a long time", async (scenario, status) => {
    const taskId = await caller.v2.order(promptWith(scenario));
    await wait(150);
    expect(await queryFate(taskId)).toBe(status);
  });

  it.each([
    ["fail=1027", { code: "1027", message: "generated video contains sensitive content" }],
    ["fail=1033", { code: "1033", message: "system error, database failure" }],
    ["fail=none", undefined],
  ])("told %s tells why, or does not", async (scenario, error) => {
    const task = await caller.v2.task(await caller.v2.order(promptWith(`instant ${scenario}`)));
    expect([task.status, task.error, task.usage]).toEqual(["failed", error, {}]);
  });

  it("told no-file has succeeded and has no address for a while", async () => {
    const taskId = await caller.v2.order(promptWith("instant no-file=2"));
    const seen = [];
    for (let count = 0; count < 3; count += 1) {
      const { status, content } = await caller.v2.task(taskId);
      seen.push([status, content === undefined]);
    }
    expect(seen).toEqual([
      ["succeeded", true],
      ["succeeded", true],
      ["succeeded", false],
    ]);
  });

  it("told odd-status shows nothing of what is finished", async () => {
    const task = await caller.v2.task(await caller.v2.order(promptWith("instant odd-status=1")));
    expect([task.content, task.usage]).toEqual([undefined, {}]);
  });
});

describe("a delete", () => {
  it.each([
    ["delete-drop", ["lost", "task", "code 2013"], "cancelled"],
    ["delete-http=500", ["http 500", "task", "code 2013"], "cancelled"],
    ["delete-code=1000", ["code 1000", "task", "code 2013"], "cancelled"],
    ["delete-then=drop", ["lost", "code 2013", "code 2013"], "cancelled"],
    ["delete-then=hang", ["silence", "code 2013", "code 2013"], "cancelled"],
    ["delete-then=garbage", ["garbage", "code 2013", "code 2013"], "cancelled"],
    ["delete-then=502", ["http 502", "code 2013", "code 2013"], "cancelled"],
  ])("told %s", async (scenario, fates, end) => {
    const taskId = await caller.v2.order(promptWith(`queue=60000 ${scenario}`));
    expect([await deleteFate(taskId), await deleteFate(taskId), await deleteFate(taskId)]).toEqual(fates);
    expect(await queryFate(taskId)).toBe(end);
  });
});

describe("a file", () => {
  const film = async (scenario: string) => {
    const taskId = await caller.v2.order(promptWith(`instant ${scenario}`));
    const url = async (): Promise<string> => (await caller.v2.task(taskId)).content.url;
    return { url, entry: async (): Promise<Json> => (await caller.ledger(`sea ${serial} `)).tasks[0] };
  };
  async function drain(url: string) {
    const response = await fetch(url, { signal: AbortSignal.timeout(400) });
    let bytes = 0;
    try {
      for await (const chunk of response.body ?? []) bytes += chunk.length;
      return { status: response.status, bytes, end: "whole" };
    } catch (error) {
      return {
        status: response.status,
        bytes,
        end: (error as Error).name === "TimeoutError" ? "silence" : "cut",
      };
    }
  }

  it.each([
    ["file-cut", (size: number) => ({ status: 200, bytes: size >> 1, end: "cut" })],
    ["file-hang", (size: number) => ({ status: 200, bytes: size >> 1, end: "silence" })],
    ["file-truncated", (size: number) => ({ status: 200, bytes: size >> 1, end: "whole" })],
    ["file-empty", () => ({ status: 200, bytes: 0, end: "whole" })],
    ["file-nolength", (size: number) => ({ status: 200, bytes: size, end: "whole" })],
    ["url-expires-midway", (size: number) => ({ status: 200, bytes: size >> 1, end: "cut" })],
  ])("told %s, and whole by the next address", async (scenario, expected) => {
    const { url, entry } = await film(scenario);
    const { bytes } = await entry();
    expect(await drain(await url())).toEqual(expected(bytes));
    expect(await drain(await url())).toEqual({ status: 200, bytes, end: "whole" });
  });

  it.each<[string, number[]]>([
    ["file-http=503x2", [503, 503, 200]],
    ["url-expired=2", [403, 403, 200]],
    ["file-gone", [404, 404, 404]],
  ])("told %s", async (scenario, statuses) => {
    const { url } = await film(scenario);
    const seen = [];
    for (let count = 0; count < 3; count += 1) seen.push((await fetch(await url())).status);
    expect(seen).toEqual(statuses);
  });

  it("is told by a list or a push without using up a fault", async () => {
    const { url } = await film("url-expired=1");
    await caller.v2.list();
    expect((await fetch(await url())).status).toBe(403);
  });

  it("told file-pad may have hundreds of megabytes, in parts that fit together, with the hash in the ledger", async () => {
    const { url, entry } = await film("file-pad=200000000");
    const { bytes, sha256 } = await entry();
    expect(bytes).toBeGreaterThan(200_000_000);
    const hash = createHash("sha256");
    for (const Range of ["bytes=0-99", "bytes=100-120000001", "bytes=120000002-"]) {
      const response = await fetch(await url(), { headers: { Range } });
      expect(response.status).toBe(206);
      for await (const chunk of response.body ?? []) hash.update(chunk);
    }
    expect(hash.digest("hex")).toBe(sha256);
  });
});
