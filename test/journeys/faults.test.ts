/** Each fault of MiniMax and of the network, once: what was billed, what the caller was told, what was stored. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

const model = "MiniMax-Hailuo-2.3";

describe.concurrent("a video lands, paid once, though", () => {
  it.each([
    ["the create's answer is lost on the way", "accept-then=drop", 1],
    ["a proxy answers 502 after MiniMax took the create", "accept-then=502", 1],
    ["MiniMax answers 500 after taking the create", "accept-then=500", 1],
    ["the create is never answered", "accept-then=hang", 1],
    ["the create's answer cannot be read", "accept-then=garbage", 1],
    ["the create's answer names no task", "accept-then=empty-id", 1],
    ["MiniMax says 'unknown error' after taking the create", "accept-then=1000", 1],
    ["MiniMax says 'timeout' after taking the create", "accept-then=1001", 1],
    ["MiniMax says 'internal error' after taking the create", "accept-then=1024", 1],
    ["MiniMax says 'system error' after taking the create", "accept-then=1033", 1],
    ["MiniMax names the task beside a rate-limit code", "accept-then=named-1002", 1],
    ["MiniMax does not know at first what its push named", "accept-then=drop query-code=2013x2", 1],
    ["MiniMax refuses twice for its rate limit", "refuse=1002x2", 3],
    ["sockets drop on three queries", "query-drop=3", 1],
    ["three queries answer HTTP 503", "query-http=503x3", 1],
    ["two queries are refused for the rate limit", "query-code=1002x2", 1],
    ["two queries answer an internal error", "query-code=1033x2", 1],
    ["a query is never answered", "query-hang=1", 1],
    ["two queries cannot be read", "query-garbage=2", 1],
    ["MiniMax says Success without a file at first", "no-file=2", 1],
    ["MiniMax uses a status word nobody knows", "odd-status=2", 1],
    ["MiniMax leaves the status empty", "empty-status=2", 1],
    ["sockets drop on two retrieves", "retrieve-drop=2", 1],
    ["two retrieves answer an internal error", "retrieve-code=1013x2", 1],
    ["a retrieve is never answered", "retrieve-hang=1", 1],
    ["the file is cut off twice", "file-cut=2", 1],
    ["the file is cut off with a matching length", "file-truncated=2", 1],
    ["the file comes without a length", "file-nolength", 1],
    ["the file is a large one", "file-pad=50000000", 1],
    ["the file is a large one without a length", "file-pad=50000000 file-nolength", 1],
    ["a large file without a length is cut off", "file-pad=20000000 file-nolength file-cut=1", 1],
    ["the file stalls half-way", "file-hang=1", 1],
    ["the file is empty at first", "file-empty=1", 1],
    ["the file's host answers HTTP 500", "file-http=500x2", 1],
    ["the file's address has expired twice", "url-expired=2", 1],
    ["no callback comes", "callback-none", 1],
    ["every callback comes twenty times", "callback-storm=20", 1],
    ["callbacks come in reverse order", "callback-reorder", 1],
    ["a callback comes before the create's answer", "callback-early", 1],
    ["callbacks come late", "callback-late=3000", 1],
    ["forged callbacks come", "callback-forged", 1],
  ])("%s", async (_title, scenario, creates) => {
    const prompt = world.prompt(scenario);
    const created = await world.create({ model, prompt });
    expect(created.status).toBe(200);
    expect(created.body.task_id).toMatch(/^task_/);

    const over = await world.untilOver(created.body.task_id);
    expect(over).toMatchObject({ status: "Success", video_width: 1366, video_height: 768 });
    const { promised, sha256, bytes } = await world.download(over.file_id);
    const ledger = await world.ledger(prompt);
    expect(ledger).toMatchObject({ creates, billed: 1, tasks: [{ sha256 }] });
    expect(promised).toMatchObject({ sha256, bytes });
    expect((await world.video(created.body.task_id)).cost.state).toBe("settled");
  });
});

describe.concurrent("a refusal by MiniMax is the create's own answer:", () => {
  it.each([
    [1026, 422, "content_refused"],
    [1042, 422, "content_refused"],
    [1008, 402, "provider_balance"],
    [1028, 402, "provider_balance"],
    [1004, 424, "provider_key_refused"],
    [2049, 424, "provider_key_refused"],
    [2061, 424, "provider_key_refused"],
    [2013, 400, "provider_invalid_request"],
  ])("code %i is HTTP %i %s, with nothing billed", async (code, status, name) => {
    const prompt = world.prompt(`refuse=${code}`);
    const { status: answered, body } = await world.create({ model, prompt });
    expect(answered).toBe(status);
    expect(body).toMatchObject({ code: name, base_resp: { status_code: code } });
    const { details } = body as unknown as { details: { task_id: string } };
    expect((await world.query(details.task_id)).body).toMatchObject({
      status: "Fail",
      base_resp: { status_code: code },
    });
    expect((await world.video(details.task_id)).cost.state).toBe("released");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 0 });
  });
});

describe.concurrent("a video that MiniMax could not make", () => {
  it.each([
    ["withheld as sensitive", "fail=1027", "content_moderated", 1027],
    ["failed without a reason", "fail=none", "generation_failed", 1000],
  ])("is told as %s, and its money released", async (_title, scenario, code, number) => {
    const prompt = world.prompt(scenario);
    const { body } = await world.create({ model, prompt });
    const over = await world.untilOver(body.task_id);
    expect(over).toMatchObject({ status: "Fail", file_id: "", base_resp: { status_code: number } });
    expect(over.error).toMatch(/nothing was charged/);
    expect(await world.video(body.task_id)).toMatchObject({
      status: "failed",
      error: { code },
      cost: { state: "released" },
    });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 0 });
  });

  it("is deleted at once, although its file is still on its way", async () => {
    const prompt = world.prompt("instant file-slow=2000");
    const { body } = await world.create({ model, prompt });
    await expect.poll(async () => (await world.ledger(prompt)).tasks[0]?.downloads).toBe(1);
    const path = `/v1/videos/${body.task_id}`;
    expect((await world.call("DELETE", path)).body).toMatchObject({
      cancelled: true,
      cost: { state: "settled" },
    });
    expect((await world.call("DELETE", path)).body).toMatchObject({ deleted: true });
    expect((await world.call("GET", path)).status).toBe(404);
  });

  it("and stalls for ever is looked at, and can be cancelled for its caller", async () => {
    const prompt = world.prompt("stall");
    const { body } = await world.create({ model, prompt });
    expect((await world.query(body.task_id, "?wait=4")).body.status).toBe("Processing");
    const cancelled = await world.call<{ message: string }>("DELETE", `/v1/videos/${body.task_id}`);
    expect(cancelled.body).toMatchObject({ cancelled: true, cost: { state: "reserved" } });
    expect((await world.query(body.task_id)).body).toMatchObject({
      status: "Fail",
      error: "The video was cancelled.",
    });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });
});
