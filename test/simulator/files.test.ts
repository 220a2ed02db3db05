/*
 * Download addresses and the bytes behind them: signed, expiring, whole or in part, and broken as told.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readRange } from "../../src/simulator/range.ts";
import { type Json, useSimulator, wait } from "./caller.ts";

const caller = useSimulator();
const film = (scenario = "instant") => caller.filmUrl(`a film [sim: ${scenario}]`);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** How a download ends: the bytes that came, and whether they were all that was announced. */
async function drain(url: string, timeoutMs = 2000): Promise<{ status: number; bytes: number; end: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
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

describe("a download address", () => {
  it("needs no key, is new on each retrieve and expires in an hour", async () => {
    const { url, fileId } = await film();
    const again = (await (await caller.retrieve(fileId)).json()) as Json;
    expect(again.file.download_url).not.toBe(url);
    const seconds = Number(new URL(url).searchParams.get("Expires")) - Date.now() / 1000;
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThan(3700);
    expect((await fetch(url)).status).toBe(200);
  });

  it.each(["Signature", "Expires", "Nonce"])("answers 403 in XML when %s was changed", async (name) => {
    const url = new URL((await film()).url);
    url.searchParams.set(name, `${url.searchParams.get(name)}1`);
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(response.headers.get("Content-Type")).toBe("application/xml");
    expect(await response.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });

  it("answers 403 for another file", async () => {
    const [one, other] = [await film(), await film()];
    expect((await fetch(one.url.replace(one.fileId, other.fileId))).status).toBe(403);
  });

  it("told url-expired=1 has expired already, and the next one has not", async () => {
    const { url, fileId } = await film("instant url-expired=1");
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("Request has expired.");
    const again = (await (await caller.retrieve(fileId)).json()) as Json;
    expect((await fetch(again.file.download_url)).status).toBe(200);
  });

  it("told url-lifetime lives that long", async () => {
    const { url } = await film("instant url-lifetime=300");
    expect((await fetch(url)).status).toBe(200);
    await wait(320);
    expect((await fetch(url)).status).toBe(403);
  });
});

describe("a file", () => {
  it("has its length and type, and the hash in the ledger", async () => {
    const { url, taskId } = await film();
    const response = await fetch(url);
    const bytes = await response.bytes();
    expect(response.headers.get("Content-Type")).toBe("video/mp4");
    expect(Number(response.headers.get("Content-Length"))).toBe(bytes.length);
    const { tasks } = await caller.ledger("a film");
    const entry = tasks.find((task: Json) => task.task_id === taskId);
    expect(entry).toMatchObject({ sha256: sha256(bytes), bytes: bytes.length });
  });

  it("answers HEAD without counting a download", async () => {
    const { url, taskId } = await film();
    const response = await fetch(url, { method: "HEAD" });
    expect(Number(response.headers.get("Content-Length"))).toBeGreaterThan(10_000);
    expect(await response.text()).toBe("");
    const { tasks } = await caller.ledger("a film");
    expect(tasks.find((task: Json) => task.task_id === taskId).downloads).toBe(0);
  });

  it("comes in parts that fit together", async () => {
    const { url } = await film();
    const whole = await (await fetch(url)).bytes();
    const ranges = ["bytes=0-999", "bytes=1000-"];
    const answers = await Promise.all(ranges.map((Range) => fetch(url, { headers: { Range } })));
    expect(answers.map(({ status }) => status)).toEqual([206, 206]);
    expect(answers[0]?.headers.get("Content-Range")).toBe(`bytes 0-999/${whole.length}`);
    const parts = await Promise.all(answers.map((answer) => answer.bytes()));
    expect(sha256(Buffer.concat(parts))).toBe(sha256(whole));
  });

  it("answers 416 beyond its end", async () => {
    const response = await fetch((await film()).url, { headers: { Range: "bytes=99999999-" } });
    expect(response.status).toBe(416);
    expect(response.headers.get("Content-Range")).toMatch(/^bytes \*\/\d+$/);
  });

  it.each([
    ["file-cut=1", (size: number) => ({ status: 200, bytes: size >> 1, end: "cut" })],
    ["file-hang=1", (size: number) => ({ status: 200, bytes: size >> 1, end: "silence" })],
    ["file-truncated=1", (size: number) => ({ status: 200, bytes: size >> 1, end: "whole" })],
    ["file-empty=1", () => ({ status: 200, bytes: 0, end: "whole" })],
    ["file-nolength", (size: number) => ({ status: 200, bytes: size, end: "whole" })],
  ])("told %s", async (scenario, expected) => {
    const { url, taskId } = await film(`instant ${scenario}`);
    const first = await drain(url, 400);
    const { tasks } = await caller.ledger("a film");
    const size = tasks.find((task: Json) => task.task_id === taskId).bytes;
    expect(first).toEqual(expected(size));
    expect(await drain(url)).toEqual({ status: 200, bytes: size, end: "whole" });
  });

  it("told file-http answers that status so often", async () => {
    const { url } = await film("instant file-http=503x2");
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it("told file-truncated announces the length it sends", async () => {
    const response = await fetch((await film("instant file-truncated=1")).url);
    expect(Number(response.headers.get("Content-Length"))).toBe((await response.bytes()).length);
  });

  it("told file-nolength announces none", async () => {
    const response = await fetch((await film("instant file-nolength")).url);
    expect(response.headers.get("Content-Length")).toBeNull();
    await response.body?.cancel();
  });

  it("told file-pad is that much larger, and still one film", async () => {
    const plain = await drain((await film()).url);
    const padded = await drain((await film("instant file-pad=5000000")).url);
    expect(padded).toMatchObject({ bytes: plain.bytes + 5_000_000, end: "whole" });
  });

  it("told file-slow takes its time", async () => {
    const { url } = await film("instant file-slow=100000");
    const startedAt = Date.now();
    const { bytes, end } = await drain(url, 10_000);
    expect(end).toBe("whole");
    expect(Date.now() - startedAt).toBeGreaterThan((bytes / 100_000) * 1000 * 0.8);
  });
});

describe("a file that is asked for in parts", () => {
  const entry = async (taskId: string): Promise<Json> =>
    (await caller.ledger("a film")).tasks.find((task: Json) => task.task_id === taskId);
  const from = (first: number, more: Record<string, string> = {}) => ({
    headers: { Range: `bytes=${first}-`, ...more },
  });

  it("has the same ETag each time, and another than any other file", async () => {
    const [one, other] = [await film(), await film()];
    const etagOf = async (url: string, init: RequestInit = {}) =>
      (await fetch(url, init)).headers.get("ETag");
    expect(await etagOf(one.url)).toMatch(/^"[0-9A-F]{32}"$/);
    expect(await etagOf(one.url, from(1000))).toBe(await etagOf(one.url));
    expect(await etagOf(other.url)).not.toBe(await etagOf(one.url));
  });

  it("comes in part while it is the version that If-Range names, and whole otherwise", async () => {
    const { url } = await film();
    const etag = (await fetch(url, { method: "HEAD" })).headers.get("ETag") ?? "";
    expect((await fetch(url, from(1000, { "If-Range": etag }))).status).toBe(206);
    expect((await fetch(url, from(1000, { "If-Range": '"another"' }))).status).toBe(200);
  });

  it("is cut at the half of what was asked for, and the ledger tells what that was", async () => {
    const { url, taskId } = await film("instant file-pad=50000000 file-cut=2");
    const { bytes: size } = await entry(taskId);
    const cuts = [0, 20_000_000, 40_000_000].map(async (first) => {
      const response = await fetch(url, from(first));
      let bytes = 0;
      try {
        for await (const chunk of response.body ?? []) bytes += chunk.length;
      } catch {
        return { status: response.status, first, bytes, end: "cut" };
      }
      return { status: response.status, first, bytes, end: "whole" };
    });
    const [one, two, three] = await Promise.all(cuts);
    expect([one?.end, two?.end, three?.end].sort()).toEqual(["cut", "cut", "whole"]);
    for (const { status, first, bytes, end } of [one, two, three].filter((cut) => cut !== undefined)) {
      expect(status).toBe(206);
      const sent = end === "cut" ? (size - first) >> 1 : size - first;
      expect(bytes).toBeLessThanOrEqual(sent);
      // A destroyed socket may take its last pieces with it.
      expect(bytes).toBeGreaterThan(end === "cut" ? sent - 1_000_000 : sent - 1);
    }
    const { ranges, bytes_served } = await entry(taskId);
    expect(ranges.sort()).toEqual(["bytes=0-", "bytes=20000000-", "bytes=40000000-"]);
    expect(bytes_served).toBeGreaterThanOrEqual(
      [one, two, three].reduce((sum, cut) => sum + (cut?.bytes ?? 0), 0),
    );
  });

  it("told file-norange comes whole, whatever was asked for", async () => {
    const { url, taskId } = await film("instant file-norange");
    const response = await fetch(url, from(1000));
    expect([response.status, response.headers.get("Accept-Ranges")]).toEqual([200, null]);
    const { bytes } = await entry(taskId);
    expect((await response.bytes()).length).toBe(bytes);
  });

  it("told file-changes is another of the same length the first time", async () => {
    const { url, taskId } = await film("instant file-changes=1");
    const answers = [await fetch(url), await fetch(url), await fetch(url)];
    const [first, second, third] = await Promise.all(answers.map((answer) => answer.bytes()));
    const [one, two, three] = answers.map((answer) => answer.headers.get("ETag"));
    expect(first?.length).toBe(second?.length);
    expect([one === two, two === three]).toEqual([false, true]);
    expect(sha256(third ?? new Uint8Array())).toBe((await entry(taskId)).sha256);
  });

  it("told url-expires-midway is cut, and its address leads nowhere any more", async () => {
    const { url, fileId, taskId } = await film("instant url-expires-midway=1");
    const { bytes } = await entry(taskId);
    expect(await drain(url)).toEqual({ status: 200, bytes: bytes >> 1, end: "cut" });
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("Request has expired.");
    const again = (await (await caller.retrieve(fileId)).json()) as Json;
    expect(await drain(again.file.download_url)).toEqual({ status: 200, bytes, end: "whole" });
  });
});

describe("the Range header", () => {
  it.each([
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=2-4", { first: 2, last: 4 }],
    ["bytes=7-", { first: 7, last: 9 }],
    ["bytes=8-99", { first: 8, last: 9 }],
    ["bytes=-3", { first: 7, last: 9 }],
    ["bytes=-30", { first: 0, last: 9 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-2", undefined],
    ["bytes=0-1,3-4", undefined],
    ["lines=1-2", undefined],
    [null, undefined],
  ])("%s of ten bytes", (header, range) => {
    expect(readRange(header, 10)).toEqual(range);
  });
});
