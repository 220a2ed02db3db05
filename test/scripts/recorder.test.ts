/** The recorder of a fuzz run: it passes everything on, and reads which tasks were promised to who ordered. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Recorder, startRecorder } from "../../scripts/fuzz/recorder.ts";

const task = (letter: string) => `task_${letter.repeat(26)}`;
let gateway: Server;
let recorder: Recorder;
beforeAll(async () => {
  // Answers with what it is asked to answer, compressed for those who take it.
  gateway = createServer((incoming, outgoing) => {
    const isCompressed = String(incoming.headers["accept-encoding"]).includes("gzip");
    outgoing.writeHead(
      Number(incoming.headers["x-status"]),
      isCompressed ? { "content-encoding": "gzip" } : {},
    );
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      outgoing.end(isCompressed ? gzipSync(body) : body);
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  recorder = await startRecorder(`http://127.0.0.1:${(gateway.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await recorder?.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
});

async function order(path: string, status: number, answer: object): Promise<ReadonlySet<string>> {
  const body = JSON.stringify(answer);
  const headers = { "x-status": String(status), "accept-encoding": "gzip" };
  const response = await fetch(`${recorder.url}${path}`, { method: "POST", headers, body });
  expect([response.status, await response.text()]).toEqual([status, body]);
  return recorder.accepted();
}

describe("the recorder", () => {
  it("takes down the task that an accepted order names", async () => {
    expect(await order("/v1/videos/generations", 200, { id: task("a") })).toContain(task("a"));
    expect(
      await order("/v1/video_generation", 200, { task_id: task("b"), base_resp: { status_code: 0 } }),
    ).toContain(task("b"));
    expect(await order(`/v1/videos/${task("a")}/retry`, 200, { id: task("c") })).toContain(task("c"));
  });

  it.each([
    ["that was refused", "/v1/videos/generations", 422, { details: { task_id: task("d") } }],
    [
      "that MiniMax's form refuses under 200",
      "/v1/video_generation",
      200,
      { task_id: task("d"), base_resp: { status_code: 2013 } },
    ],
    ["that is only published", `/v1/videos/${task("d")}/publish`, 200, { id: task("d") }],
  ])("takes down no task %s", async (_what, path, status, answer) => {
    expect(await order(path, status, answer)).not.toContain(task("d"));
  });

  it("counts what was answered", async () => {
    const before = recorder.statuses().get(418) ?? 0;
    await order("/", 418, {});
    expect(recorder.statuses().get(418)).toBe(before + 1);
  });
});
