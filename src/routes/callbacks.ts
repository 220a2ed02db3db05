/**
 * MiniMax tells us something happened. Its callbacks are unsigned, so the secret in the address is all that speaks
 * for them, and even then they only make us look. During a create MiniMax sends a challenge and wants it back
 * within 3 s (documented); that answer waits for nothing.
 */

import { z } from "zod";
import { isTaskId } from "../domain/ids.ts";
import { parseWithExactIds } from "../domain/json.ts";
import { Refusal } from "../errors.ts";
import { createRoutes } from "./app-env.ts";
import { jsonBody } from "./body.ts";
import { ask } from "./objects.ts";

const maxBytes = 64 * 1024;
const providerTaskId = z
  .string()
  .regex(/^[\w-]{1,64}$/)
  .optional()
  .catch(undefined);
const messageSchema = z.object({
  /** Given back as it came; documented as a text. */
  challenge: z
    .union([z.string().max(4096), z.number()])
    .optional()
    .catch(undefined),
  /** V1's pushes name the task so, V2's have the form of its query. */
  task_id: providerTaskId,
  task: z.object({ id: providerTaskId }).optional().catch(undefined),
});

export const callbackRoutes = createRoutes();

callbackRoutes.post(
  "/callbacks/minimax/:task_id",
  jsonBody(maxBytes, { parse: parseWithExactIds }),
  async (c) => {
    const taskId = c.req.param("task_id");
    const secret = c.req.query("secret") ?? "";
    if (!isTaskId(taskId) || !/^[\w-]{43}$/.test(secret)) throw new Refusal("not_found");
    const message = messageSchema.parse(await c.req.json());
    // Asked again if the object is being moved: MiniMax is not known to repeat a push, and hearing one twice is harmless.
    const answer = await ask(() =>
      c.env.VIDEO_TASKS.getByName(taskId).hear(secret, {
        challenge: message.challenge !== undefined,
        providerTaskId: message.task_id ?? message.task?.id ?? null,
      }),
    );
    if (answer.kind === "unknown") throw new Refusal("not_found");
    if (answer.kind === "challenge") return c.json({ challenge: message.challenge });
    return c.json({ status: "success" });
  },
);
