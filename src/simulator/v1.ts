/*
 * The V1 wire: create and query here, files in v1-files.ts, as documented under
 * platform.minimax.io/docs/api-reference/video-generation-*. Always HTTP 200 with `base_resp`. Another wire
 * would be another file like this one, over the same state.
 */
import { Hono } from "hono";
import { readKey } from "./access.ts";
import { answer, garbage, invalidParams, proxyError, refuse } from "./answers.ts";
import { baseResp } from "./codes.ts";
import { ConnectionLost, hang } from "./connection.ts";
import type { State, Task } from "./state.ts";
import { create } from "./v1-create.ts";
import { wireV1Files } from "./v1-files.ts";

export function wireV1(state: State): Hono {
  const app = new Hono();
  app.post("/video_generation", async (context) =>
    create(state, await context.req.text(), context.req.header("Authorization")),
  );
  app.get("/query/video_generation", (context) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    if ("code" in access) return refuse(access.code);
    return query(state, access.key, context.req.query("task_id") ?? "");
  });
  app.route("/files", wireV1Files(state));
  return app;
}

function query(state: State, key: string, taskId: string): Response | Promise<Response> {
  const task = state.tasks.get(taskId);
  // What MiniMax says to an unknown task id is not documented; 2013 is a guess. Only one's own tasks are known.
  if (!task || task.key !== key) return invalidParams("task_id not found");
  task.queries += 1;
  return loseQuery(state, task) ?? answer(statusBody(state, task));
}

function loseQuery({ faults }: State, { id, order }: Task): Response | Promise<Response> | undefined {
  if (faults.take("query-drop", order, id) !== undefined) throw new ConnectionLost();
  if (faults.take("query-hang", order, id) !== undefined) return hang();
  const status = faults.take("query-http", order, id);
  if (status !== undefined) return proxyError(Number(status));
  const code = faults.take("query-code", order, id);
  if (code !== undefined) return refuse(Number(code));
  if (faults.take("query-garbage", order, id) !== undefined) return garbage();
  return undefined;
}

/** Pending answers carry the fields of a result, empty and zero: observed by third parties, 2026-08-04. */
function statusBody(state: State, task: Task): Record<string, unknown> {
  const { faults } = state;
  const { id, order, life, clip } = task;
  const status = state.statusOf(task);
  const pending = {
    task_id: id,
    status,
    file_id: "",
    video_width: 0,
    video_height: 0,
    base_resp: baseResp(0),
  };
  if (faults.take("odd-status", order, id) !== undefined) return { ...pending, status: "Pending" };
  if (faults.take("empty-status", order, id) !== undefined) return { ...pending, status: "" };
  // A failure has no field of its own: `base_resp` is its only reason, and may be 0 (inferred).
  if (status === "Fail" && life.ending.status === "Fail") {
    return { ...pending, base_resp: baseResp(life.ending.code) };
  }
  if (status !== "Success") return pending;
  const finished = { ...pending, video_width: clip.width, video_height: clip.height };
  if (faults.take("no-file", order, id) !== undefined) return finished;
  return { ...finished, file_id: task.fileId };
}
