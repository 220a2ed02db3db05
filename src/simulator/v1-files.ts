/*
 * The V1 file routes: retrieve, retrieve_content, list, delete, and upload, which V2's creates use too. Observed by
 * third parties, 2025-11 to 2026-09: `file_id` is a JSON number here though a string in the query, `bytes` is 0,
 * the name always output_aigc.mp4.
 */
import { type Context, Hono } from "hono";
import { readKey } from "./access.ts";
import { json } from "./answers.ts";
import { baseResp } from "./codes.ts";
import { freshUrl, serve } from "./downloads.ts";
import { Refusal } from "./fields.ts";
import { lose } from "./looks.ts";
import type { State, Task } from "./state.ts";
import type { Upload } from "./uploads.ts";
import { refuseV1 } from "./v1-answers.ts";
import { judgeUpload } from "./v2-media.ts";

export function wireV1Files(state: State): Hono {
  const app = new Hono();
  type Then = (key: string) => Response | Promise<Response>;
  const known = (context: Context, then: Then) => {
    const access = readKey(context.req.header("Authorization"), state.settings.keys);
    return "code" in access ? refuseV1(access.code) : then(access.key);
  };
  const own = (context: Context, fileId: unknown, then: (task: Task) => Response | Promise<Response>) =>
    known(context, (key) => {
      const task = state.tasksByFile.get(String(fileId ?? ""));
      // What MiniMax says to an unknown file id is not documented; 2013 is listed for retrieve.
      if (task?.key !== key || !isThere(state, task)) return refuseV1(2013, "file not found");
      return then(task);
    });

  app.get("/retrieve", (context) =>
    own(context, context.req.query("file_id"), (task) => {
      task.retrieves += 1;
      return (
        lose(state, task, "retrieve", refuseV1) ?? retrieved(state, task, new URL(context.req.url).origin)
      );
    }),
  );
  app.get("/retrieve_content", (context) =>
    own(context, context.req.query("file_id"), (task) => serve(state, context.req.raw, task)),
  );
  app.get("/list", (context) =>
    known(context, (key) => {
      const purpose = context.req.query("purpose") ?? "video_generation";
      const made = state.tasksOf(key, "v1").filter((task) => isThere(state, task));
      const lists: Record<string, () => object[]> = {
        video_generation: () => made.map(describe),
        [inputPurpose]: () => state.uploads.of(key).map(describeUpload),
      };
      return json({ files: lists[purpose]?.() ?? [], base_resp: baseResp(0) });
    }),
  );
  app.post("/delete", async (context) => {
    const body = (await context.req.json().catch(() => null)) as { file_id?: unknown } | null;
    const fileId = String(body?.file_id ?? "");
    const deleted = () => json({ file_id: Number(fileId), base_resp: baseResp(0) });
    return known(context, (key) => {
      if (!state.uploads.find(fileId, key)) {
        return own(context, fileId, (task) => {
          task.isFileDeleted = true;
          return deleted();
        });
      }
      state.uploads.remove(fileId);
      return deleted();
    });
  });
  app.post("/upload", (context) => known(context, (key) => upload(state, key, context.req.raw)));
  return app;
}

function isThere(state: State, task: Task): boolean {
  if (task.order.wire !== "v1" || task.isFileDeleted) return false;
  return !state.faults.has("file-gone", task.order, task.id) && state.phaseOf(task) === "succeeded";
}

const describe = (task: Task) => ({
  file_id: Number(task.fileId), // below 2^53, so it is written digit for digit
  bytes: 0,
  created_at: Math.floor(task.life.endsAt / 1000),
  filename: "output_aigc.mp4",
  purpose: "video_generation",
});

function retrieved(state: State, task: Task, origin: string): Response {
  const file = { ...describe(task), download_url: freshUrl(state, task, origin) };
  return json({ file, base_resp: baseResp(0) });
}

const inputPurpose = "video_generation_input";

const describeUpload = ({ fileId, bytes, createdAt, filename }: Upload) => ({
  file_id: Number(fileId),
  bytes,
  created_at: Math.floor(createdAt / 1000),
  filename,
  purpose: inputPurpose,
});

/** Documented: invalid media is HTTP 400; that it says so as V1 does, with a 2013, is ours, and so are the sentences. */
async function upload(state: State, key: string, request: Request): Promise<Response> {
  const form = await request.formData().catch(() => null);
  const file = form?.get("file");
  if (form?.get("purpose") !== inputPurpose) return refuseV1(2013, `purpose must be ${inputPurpose}`);
  if (!(file instanceof File)) return refuseV1(2013, "file is required");
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const media = judgeUpload(bytes);
    const added = state.uploads.add({ key, filename: file.name, bytes: bytes.length, media });
    return json({ file: describeUpload(added), base_resp: baseResp(0) });
  } catch (error) {
    const { refusal } = Refusal.read(error);
    return json({ base_resp: baseResp(2013, `invalid params, ${refusal}`) }, 400);
  }
}
