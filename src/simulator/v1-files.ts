/*
 * The V1 file routes: retrieve, retrieve_content, list, delete. Observed by third parties, 2025-11 to 2026-09:
 * `file_id` is a JSON number here though a string in the query, `bytes` is 0, the name always output_aigc.mp4.
 */
import { type Context, Hono } from "hono";
import { readKey } from "./access.ts";
import { answer, invalidParams, proxyError, refuse } from "./answers.ts";
import { baseResp } from "./codes.ts";
import { ConnectionLost, hang } from "./connection.ts";
import { serve } from "./downloads.ts";
import { signPath } from "./signed-urls.ts";
import type { State, Task } from "./state.ts";

// Documented: one hour. It is life's hour at any speed, as clients compare it with their own clock.
const urlLifetimeMs = 3_600_000;

export function wireV1Files(state: State): Hono {
  const app = new Hono();
  const own = (context: Context, fileId: unknown, then: (task: Task) => Response | Promise<Response>) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    if ("code" in access) return refuse(access.code);
    const task = state.tasksByFile.get(String(fileId ?? ""));
    // What MiniMax says to an unknown file id is not documented; 2013 is listed for retrieve.
    if (task?.key !== access.key || !isThere(state, task)) return invalidParams("file not found");
    return then(task);
  };

  app.get("/retrieve", (context) =>
    own(context, context.req.query("file_id"), (task) => {
      task.retrieves += 1;
      return loseRetrieve(state, task) ?? retrieved(state, task, new URL(context.req.url).origin);
    }),
  );
  app.get("/retrieve_content", (context) =>
    own(context, context.req.query("file_id"), (task) => serve(state, context.req.raw, task)),
  );
  app.get("/list", (context) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    if ("code" in access) return refuse(access.code);
    const purpose = context.req.query("purpose") ?? "video_generation";
    const files = [...state.tasks.values()]
      .filter((task) => task.key === access.key && purpose === "video_generation" && isThere(state, task))
      .map(describe);
    return answer({ files, base_resp: baseResp(0) });
  });
  app.post("/delete", async (context) => {
    const body = (await context.req.json().catch(() => null)) as { file_id?: unknown } | null;
    return own(context, body?.file_id, (task) => {
      task.isFileDeleted = true;
      return answer({ file_id: Number(task.fileId), base_resp: baseResp(0) });
    });
  });
  return app;
}

function isThere(state: State, task: Task): boolean {
  if (task.isFileDeleted || state.faults.has("file-gone", task.order, task.id)) return false;
  return state.statusOf(task) === "Success";
}

const describe = (task: Task) => ({
  file_id: Number(task.fileId), // below 2^53, so it is written digit for digit
  bytes: 0,
  created_at: Math.floor(task.life.endsAt / 1000),
  filename: "output_aigc.mp4",
  purpose: "video_generation",
});

function retrieved({ faults, now, signingSecret }: State, task: Task, origin: string): Response {
  const isExpired = faults.take("url-expired", task.order, task.id) !== undefined;
  const lifetimeMs = isExpired ? -1000 : Number(faults.find("url-lifetime", task.order) ?? urlLifetimeMs);
  const path = signPath(signingSecret, task.fileId, Math.round(now() + lifetimeMs));
  return answer({ file: { ...describe(task), download_url: origin + path }, base_resp: baseResp(0) });
}

function loseRetrieve({ faults }: State, { id, order }: Task): Response | Promise<Response> | undefined {
  if (faults.take("retrieve-drop", order, id) !== undefined) throw new ConnectionLost();
  if (faults.take("retrieve-hang", order, id) !== undefined) return hang();
  const status = faults.take("retrieve-http", order, id);
  if (status !== undefined) return proxyError(Number(status));
  const code = faults.take("retrieve-code", order, id);
  return code === undefined ? undefined : refuse(Number(code));
}
