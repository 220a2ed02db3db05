/*
 * The ways in which the answer to a question about a task is lost, on any wire. The question itself changes
 * nothing, so it does not matter whether it arrived.
 */
import { garbage, proxyError } from "./answers.ts";
import { ConnectionLost, hang } from "./connection.ts";
import type { Word } from "./scenario.ts";
import type { State, Task } from "./state.ts";

type Answer = Response | Promise<Response>;
type Words = { drop: Word; http: Word; code: Word; hang?: Word; garbage?: Word };

const words = {
  query: {
    drop: "query-drop",
    hang: "query-hang",
    http: "query-http",
    code: "query-code",
    garbage: "query-garbage",
  },
  retrieve: { drop: "retrieve-drop", hang: "retrieve-hang", http: "retrieve-http", code: "retrieve-code" },
  delete: { drop: "delete-drop", http: "delete-http", code: "delete-code" },
} satisfies Record<string, Words>;

/** What is answered instead; undefined if nothing is in the way. */
export function lose(
  state: State,
  { id, order }: Task,
  question: keyof typeof words,
  refuse: (code: number) => Response,
): Answer | undefined {
  const row: Words = words[question];
  const take = (word: Word | undefined) => word && state.faults.take(word, order, id);
  if (take(row.drop) !== undefined) throw new ConnectionLost();
  if (take(row.hang) !== undefined) return hang();
  const status = take(row.http);
  if (status !== undefined) return proxyError(Number(status));
  const code = take(row.code);
  if (code !== undefined) return refuse(Number(code));
  return take(row.garbage) === undefined ? undefined : garbage();
}
