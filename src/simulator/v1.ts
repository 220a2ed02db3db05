/*
 * The V1 wire, as documented under platform.minimax.io/docs/api-reference/video-generation-*. Always HTTP 200
 * with `base_resp`. Files are in v1-files.ts.
 */
import { Hono } from "hono";
import { readKey } from "./access.ts";
import { json } from "./answers.ts";
import { create } from "./creates.ts";
import { lose } from "./looks.ts";
import type { State } from "./state.ts";
import { refuseV1 } from "./v1-answers.ts";
import { v1Create } from "./v1-create.ts";
import { wireV1Files } from "./v1-files.ts";
import { v1Status } from "./v1-status.ts";

export function wireV1(state: State): Hono {
  const app = new Hono();
  app.post("/video_generation", (context) => create(state, context.req.raw, v1Create));
  app.get("/query/video_generation", (context) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    if ("code" in access) return refuseV1(access.code);
    return query(state, access.key, context.req.query("task_id") ?? "");
  });
  app.route("/files", wireV1Files(state));
  return app;
}

function query(state: State, key: string, taskId: string): Response | Promise<Response> {
  const task = state.find(taskId, key, "v1");
  // What MiniMax says to an unknown task id is not documented; 2013 is a guess. Only one's own tasks are known.
  if (!task) return refuseV1(2013, "task_id not found");
  task.queries += 1;
  return lose(state, task, "query", refuseV1) ?? json(v1Status(state, task));
}
