/** Following a video by its events: over real sockets, with the server that says what it is told and with the real one. */

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { describeProgress, Filmgate, type FilmgateError, type Video } from "../../src/client/filmgate.ts";
import { startWorld, type World } from "../journeys/world.ts";

const event = (name: string, id: string, video: object) =>
  `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(video)}\n\n`;

describe("watching a video, whatever becomes of the connection,", () => {
  let server: Server;
  let filmgate: Filmgate;
  let seen: { lastEventId: string | null; accept: string | null; authorization: string | null }[] = [];
  let answers: ((response: ServerResponse) => void)[] = [];
  beforeAll(async () => {
    server = createServer(({ headers }, response) => {
      seen.push({
        lastEventId: headers["last-event-id"]?.toString() ?? null,
        accept: headers.accept ?? null,
        authorization: headers.authorization ?? null,
      });
      const answer = answers.shift();
      if (answer === undefined) response.destroy();
      else answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    filmgate = new Filmgate({ apiKey: "mql_default_key", baseUrl: `http://127.0.0.1:${port}` });
  });
  afterEach(() => {
    seen = [];
    answers = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const stream =
    (...parts: string[]) =>
    (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(parts.join(""));
    };
  const told = async (options: { signal?: AbortSignal } = {}) => {
    const videos: Video[] = [];
    for await (const video of filmgate.video.watch("task_x", options)) videos.push(video);
    return videos.map(({ progress }) => progress);
  };

  it("tells each change and ends with the last", async () => {
    answers = [
      stream(
        "retry: 1000\n\n",
        event("progress", "1", { progress: 5 }),
        event("end", "2", { progress: 100 }),
      ),
    ];
    expect(await told()).toEqual([5, 100]);
    expect(seen).toEqual([
      { lastEventId: null, accept: "text/event-stream", authorization: "Bearer mql_default_key" },
    ]);
  });

  it("goes on where it was cut, and does not tell half an event", async () => {
    answers = [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`${event("progress", "1-5-0", { progress: 5 })}event: end\ndata: {"pro`, () =>
          response.destroy(),
        );
      },
      (response) => response.writeHead(503).end("<html>"),
      stream(event("end", "2", { progress: 100 })),
    ];
    expect(await told()).toEqual([5, 100]);
    expect(seen.map(({ lastEventId }) => lastEventId)).toEqual([null, "1-5-0", "1-5-0"]);
  });

  it("goes on after a connection that gave nothing but signs of life for longer than failures are borne", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    answers = [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(":\n\n", () => {
          vi.setSystemTime(Date.now() + 90_000);
          response.write(":\n\n", () => setTimeout(() => response.destroy(), 50));
        });
      },
      stream(event("end", "2", { progress: 100 })),
    ];
    expect(await told().finally(() => vi.useRealTimers())).toEqual([100]);
  });

  it.each(["<!doctype html><title>A site</title>", '{"status":"completed"}', ""])(
    "a page that is no stream (%j) is told, and not asked again",
    async (page) => {
      answers = [(response) => response.writeHead(200, { "content-type": "text/html" }).end(page)];
      await expect(told()).rejects.toMatchObject({
        name: "FilmgateError",
        code: "unreadable_answer",
        status: 200,
        message: expect.stringContaining(page === "" ? "without a body" : page),
      });
      expect(seen.length).toBe(1);
    },
  );

  it("a caller that takes longer than silence is borne goes on", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    let tellEnd = () => {};
    answers = [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(event("progress", "1", { progress: 5 }));
        tellEnd = () => response.end(event("end", "2", { progress: 100 }));
      },
    ];
    try {
      const progress: number[] = [];
      for await (const video of filmgate.video.watch("task_x")) {
        progress.push(video.progress);
        vi.advanceTimersByTime(90_000);
        tellEnd();
      }
      expect(progress).toEqual([5, 100]);
      expect(seen.length).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not ask again where it is told that there is no such task", async () => {
    answers = [
      (response) =>
        response.writeHead(404).end(JSON.stringify({ error: { message: "No.", code: "not_found" } })),
    ];
    await expect(told()).rejects.toMatchObject({
      code: "not_found",
      status: 404,
    } satisfies Partial<FilmgateError>);
    expect(seen.length).toBe(1);
  });

  it("ends with the signal's reason when it is called off, and leaves the connection", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let isLeft: Promise<void> = Promise.resolve();
    answers = [
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(event("progress", "1", { progress: 5 }), () => controller.abort(reason));
        isLeft = new Promise((resolve) => response.once("close", resolve));
      },
    ];
    await expect(told({ signal: controller.signal })).rejects.toBe(reason);
    await isLeft;
  });
});

describe("watching a video that is really made", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ callbacks: "reachable" });
  });
  afterAll(() => world.stop());

  it("shows it grow, and ends with a link that works", async () => {
    const filmgate = new Filmgate({ apiKey: world.key, baseUrl: world.url });
    const { task_id } = await filmgate.video.create({
      model: "MiniMax-Hailuo-2.3",
      prompt: world.prompt("late=3"),
    });
    const videos: Video[] = [];
    for await (const video of filmgate.video.watch(task_id)) videos.push(video);
    expect(videos.length).toBeGreaterThan(1);
    const progress = videos.map((video) => video.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const last = videos.at(-1);
    expect(last?.status).toBe("completed");
    expect((await fetch(last?.download_url ?? "")).status).toBe(200);
  });
});

describe("how a video is doing, in words", () => {
  const video = (status: Video["status"], progress = 0, queue_position: number | null = null) => ({
    status,
    progress,
    queue_position,
  });
  it.each<[ReturnType<typeof video>, number | null, string]>([
    [video("queued"), null, "on its way to MiniMax"],
    [video("queued", 0, 1), 95, "in the queue, 1st"],
    [video("queued", 0, 2), 95, "in the queue, 2nd"],
    [video("queued", 0, 3), 95, "in the queue, 3rd"],
    [video("queued", 0, 11), 95, "in the queue, 11th"],
    [video("queued", 0, 112), 95, "in the queue, 112th"],
    [video("queued", 0, 121), 95, "in the queue, 121st"],
    [video("in_progress", 40), 95, "MiniMax is making it, usually 95 s"],
    [video("in_progress", 40), null, "MiniMax is making it"],
    [video("in_progress", 95), 95, "storing it"],
    [video("completed", 100), 95, "ready"],
    [video("failed"), 95, "not made"],
  ])("says of %o: %s s, %s", (about, expectedSeconds, sentence) => {
    expect(describeProgress(about, expectedSeconds)).toBe(sentence);
  });
});
