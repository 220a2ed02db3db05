/** `JSON.parse` for what MiniMax sends: ids that are numbers keep every digit. */

type ReviverWithSource = (
  this: unknown,
  key: string,
  value: unknown,
  context: { source?: string },
) => unknown;

/** Ids come as strings or as numbers, some beyond 2^53: 9007199254740993123 must not become 9007199254740993000. */
const exactIds: ReviverWithSource = (key, value, context) =>
  typeof value === "number" && (key === "task_id" || key === "file_id" || key === "id")
    ? (context.source ?? String(value))
    : value;

/**
 * Parses JSON; numbers under `task_id`, `file_id` and `id` become strings of their own digits.
 * @throws SyntaxError if the text is not JSON.
 */
export function parseWithExactIds(text: string): unknown {
  return JSON.parse(text, exactIds as (this: unknown, key: string, value: unknown) => unknown);
}
