/*
 * GET /v2/query/video_generation: a key's tasks of the last seven days, by pages and filters. Documented:
 * the parameters and `{items, total}`. Not documented, so ours: the newest come first, twenty to a page and a
 * hundred at most, `total` counts what the filters leave, and `filter.task_ids` may be repeated or hold commas.
 */
import { json } from "./answers.ts";
import type { State, Task } from "./state.ts";
import { refuseV2 } from "./v2-answers.ts";
import { taskType, v2Statuses, v2Word, videoTask } from "./v2-status.ts";

export function listTasks(state: State, key: string, { searchParams, origin }: URL): Response {
  const page = readCount(searchParams, "page_num", 1, Number.MAX_SAFE_INTEGER);
  const size = readCount(searchParams, "page_size", 20, 100);
  if (page === undefined) return refuseV2(2013, "page_num must be at least 1");
  if (size === undefined) return refuseV2(2013, "page_size must be between 1 and 100");
  const status = searchParams.get("filter.status") ?? "";
  if (status !== "" && !v2Statuses.includes(status)) {
    return refuseV2(2013, `filter.status must be one of ${v2Statuses.join(", ")}`);
  }
  const ids = searchParams.getAll("filter.task_ids").flatMap((text) => text.split(",").filter(Boolean));
  const model = searchParams.get("filter.model") ?? "";
  const type = searchParams.get("filter.task_type") ?? "";
  const isWanted = (task: Task) =>
    (status === "" || v2Word(state.phaseOf(task)) === status) &&
    (ids.length === 0 || ids.includes(task.id)) &&
    (model === "" || task.order.model === model) &&
    (type === "" || type === taskType);
  const found = state.tasksOf(key, "v2").filter(isWanted).reverse();
  const shown = found.slice((page - 1) * size, page * size);
  return json({ items: shown.map((task) => videoTask(state, task, origin)), total: found.length });
}

function readCount(
  params: URLSearchParams,
  name: string,
  otherwise: number,
  most: number,
): number | undefined {
  const text = params.get(name) ?? String(otherwise);
  return /^[1-9]\d*$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}
