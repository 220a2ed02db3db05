/*
 * The V2 wire, as documented under platform.minimax.io/docs/api-reference/video-generation-v2-*: real HTTP codes,
 * and an error object with the code at the end of its message. Creates are in v2-create.ts, the list in v2-list.ts,
 * cancelling and deleting in v2-delete.ts.
 */
import { type Context, Hono } from "hono";
import { readKey } from "./access.ts";
import { json } from "./answers.ts";
import { create } from "./creates.ts";
import { lose } from "./looks.ts";
import type { State, Task } from "./state.ts";
import { refuseV2 } from "./v2-answers.ts";
import { v2Create } from "./v2-create.ts";
import { deleteTask } from "./v2-delete.ts";
import { listTasks } from "./v2-list.ts";
import { askedVideoTask } from "./v2-status.ts";

export function wireV2(state: State): Hono {
  const app = new Hono();
  type Answer = Response | Promise<Response>;
  const known = (context: Context, then: (key: string) => Answer) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    return "code" in access ? refuseV2(access.code) : then(access.key);
  };
  const own = (context: Context, then: (task: Task) => Answer) =>
    known(context, (key) => {
      const task = state.find(context.req.param("taskId") ?? "", key, "v2");
      // The words are documented for what is older than seven days; that it is 400 and 2013 is likely.
      return task ? then(task) : refuseV2(2013, "invalid task_id");
    });

  app.post("/video_generation", (context) => create(state, context.req.raw, v2Create));
  app.get("/query/video_generation", (context) =>
    known(context, (key) => listTasks(state, key, new URL(context.req.url))),
  );
  app.get("/query/video_generation/:taskId", (context) =>
    own(context, (task) => {
      task.queries += 1;
      const { origin } = new URL(context.req.url);
      return lose(state, task, "query", refuseV2) ?? json({ task: askedVideoTask(state, task, origin) });
    }),
  );
  app.delete("/video_generation/:taskId", (context) => own(context, (task) => deleteTask(state, task)));
  return app;
}
