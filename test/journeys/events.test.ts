/** A task's progress as server-sent events, read from a real socket as a browser reads them. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Video } from "../../src/contract.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";
type Told = { event: string; id: string; video: Video };

/** Reads events until the stream ends, or `enough` of them have come. */
async function follow(
  taskId: string,
  { lastEventId, enough = 1000 }: { lastEventId?: string; enough?: number } = {},
) {
  const response = await fetch(`${world.url}/v1/videos/${taskId}/events`, {
    headers: {
      authorization: `Bearer ${world.key}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    },
  });
  const events: Told[] = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(part)?.[1] ?? "";
      if (field("data") === "") continue;
      events.push({ event: field("event"), id: field("id"), video: JSON.parse(field("data")) as Video });
    }
    if (events.length >= enough) break;
  }
  return { response, events };
}

describe("the events of a task", () => {
  it("tell how it goes, with growing progress, and end with the video and its link", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("late=2") });
    const { response, events } = await follow(body.task_id);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    const progress = events.map(({ video }) => video.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(new Set(progress).size).toBeGreaterThan(2);
    expect(events.slice(0, -1).every(({ event }) => event === "progress")).toBe(true);
    const last = events.at(-1);
    expect(last).toMatchObject({
      event: "end",
      video: { id: body.task_id, status: "completed", progress: 100 },
    });
    expect((await fetch(last?.video.download_url ?? "")).status).toBe(200);
  });

  it("are resumed by the last id: what has not changed is not told again", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("stall") });
    await world.query(body.task_id, "?wait=3");
    const first = (await follow(body.task_id, { enough: 1 })).events[0];
    const resumed = await follow(body.task_id, { lastEventId: first?.id ?? "", enough: 1 }).then(
      ({ events }) => events[0],
    );
    expect(first?.event).toBe("progress");
    expect(resumed?.id).not.toBe(first?.id);
    await world.call("DELETE", `/v1/videos/${body.task_id}`);
  });

  it("of one that is over are its end, at once and each time", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("fail=1027 instant") });
    await world.untilOver(body.task_id);
    const { events } = await follow(body.task_id);
    expect(events).toMatchObject([
      { event: "end", video: { status: "failed", error: { code: "content_moderated" } } },
    ]);
    const again = await follow(body.task_id, { lastEventId: events[0]?.id ?? "" });
    expect(again.events).toMatchObject([{ event: "end" }]);
  });

  it("end when its caller cancels it, or removes it", async () => {
    const { body } = await world.create({ model, prompt: world.prompt("late=5") });
    const following = follow(body.task_id);
    await world.call("DELETE", `/v1/videos/${body.task_id}`);
    expect((await following).events.at(-1)).toMatchObject({
      event: "end",
      video: { error: { code: "cancelled" } },
    });
  });

  it("of another account's task, or of none, are refused before they begin", async () => {
    const { response } = await follow(`task_${"0".repeat(26)}`);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("application/json");
  });
});
