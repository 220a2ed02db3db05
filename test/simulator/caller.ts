/*
 * A small caller of the simulator for its own tests: the requests of both wires as bare fetches, and the answers as they
 * came, so that a test can look at types and headers that a real client would hide.
 */
import { afterAll, beforeAll } from "vitest";
import { type RunningSimulator, type StartOptions, startSimulator } from "../../src/simulator/server.ts";

export const key = "sk-api-simulator";
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they came
export type Json = any;

export type Caller = {
  simulator(): RunningSimulator;
  send(path: string, init?: RequestInit): Promise<Response>;
  json(path: string, init?: RequestInit): Promise<Json>;
  create(body: object, authorization?: string): Promise<Response>;
  createJson(body: object): Promise<Json>;
  /** Creates a text video and returns its task id. */
  order(prompt: string, more?: object): Promise<string>;
  query(taskId: string): Promise<Response>;
  queryJson(taskId: string): Promise<Json>;
  /** Asks until the task is over; returns the last answer. */
  finish(taskId: string): Promise<Json>;
  retrieve(fileId: string): Promise<Response>;
  /** Creates, waits and retrieves: a fresh download address. */
  filmUrl(prompt: string): Promise<{ taskId: string; fileId: string; url: string }>;
  ledger(words?: string): Promise<Json>;
  v2: CallerV2;
};

/** The same on V2, where a task is the answer itself. */
export type CallerV2 = {
  create(body: object, authorization?: string): Promise<Response>;
  order(prompt: string, more?: object): Promise<string>;
  query(taskId: string): Promise<Response>;
  task(taskId: string): Promise<Json>;
  finish(taskId: string): Promise<Json>;
  /** The list, by a query string. */
  list(query?: string): Promise<Json>;
  /** Cancels or deletes. */
  remove(taskId: string): Promise<Response>;
};

/** A simulator for the tests of one file, much faster than life unless told otherwise. */
export function useSimulator(options: StartOptions = { speed: 2000 }): Caller {
  let running: RunningSimulator | undefined;
  beforeAll(async () => {
    running = await startSimulator(options);
  });
  afterAll(() => running?.close());
  return callerOf(() => {
    if (!running) throw new Error("The simulator is not running yet");
    return running;
  });
}

export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function callerOf(simulator: () => RunningSimulator): Caller {
  const send = (path: string, init: RequestInit = {}) =>
    fetch(simulator().url + path, { headers: { Authorization: `Bearer ${key}` }, ...init });
  const json = async (path: string, init?: RequestInit): Promise<Json> => (await send(path, init)).json();
  const create = (body: object, authorization = `Bearer ${key}`) =>
    send("/v1/video_generation", {
      method: "POST",
      headers: { ...(authorization && { Authorization: authorization }), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const query = (taskId: string) => send(`/v1/query/video_generation?task_id=${taskId}`);
  const queryJson = async (taskId: string): Promise<Json> => (await query(taskId)).json();
  const createJson = async (body: object): Promise<Json> => (await create(body)).json();
  const order = async (prompt: string, more: object = {}) => {
    const { task_id, base_resp } = await createJson({ model: "MiniMax-Hailuo-02", prompt, ...more });
    if (typeof task_id !== "string") throw new Error(`refused: ${JSON.stringify(base_resp)}`);
    return task_id;
  };
  const finish = async (taskId: string): Promise<Json> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await queryJson(taskId);
      if (answer.status === "Success" || answer.status === "Fail") return answer;
      await wait(20);
    }
    throw new Error(`${taskId} did not end`);
  };
  const retrieve = (fileId: string) => send(`/v1/files/retrieve?file_id=${fileId}`);
  const filmUrl = async (prompt: string) => {
    const taskId = await order(prompt);
    const { file_id } = await finish(taskId);
    const { file } = (await (await retrieve(file_id)).json()) as Json;
    return { taskId, fileId: file_id, url: file.download_url };
  };
  const v2 = callerOfV2(send);
  const ledger = (words?: string) =>
    json(`/simulator/ledger${words === undefined ? "" : `?prompt=${encodeURIComponent(words)}`}`);
  return {
    simulator,
    send,
    json,
    create,
    createJson,
    order,
    query,
    queryJson,
    finish,
    retrieve,
    filmUrl,
    ledger,
    v2,
  };
}

/** The smallest V2 body there is. */
export const textBody = (prompt: string) => ({
  model: "MiniMax-H3",
  content: [{ type: "text", text: prompt }],
  resolution: "768P",
  duration: 5,
  ratio: "16:9",
});

function callerOfV2(send: Caller["send"]): CallerV2 {
  const create = (body: object, authorization = `Bearer ${key}`) =>
    send("/v2/video_generation", {
      method: "POST",
      headers: { ...(authorization && { Authorization: authorization }), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const order = async (prompt: string, more: object = {}) => {
    const answer = (await (await create({ ...textBody(prompt), ...more })).json()) as Json;
    if (typeof answer.task_id !== "string") throw new Error(`refused: ${JSON.stringify(answer)}`);
    return answer.task_id;
  };
  const query = (taskId: string) => send(`/v2/query/video_generation/${taskId}`);
  const task = async (taskId: string): Promise<Json> => ((await (await query(taskId)).json()) as Json).task;
  const finish = async (taskId: string): Promise<Json> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await task(taskId);
      if (!["queued", "running"].includes(answer.status)) return answer;
      await wait(20);
    }
    throw new Error(`${taskId} did not end`);
  };
  const list = async (text = ""): Promise<Json> => (await send(`/v2/query/video_generation${text}`)).json();
  const remove = (taskId: string) => send(`/v2/video_generation/${taskId}`, { method: "DELETE" });
  return { create, order, query, task, finish, list, remove };
}
