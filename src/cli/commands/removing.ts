/** `filmgate delete` and `filmgate retry`: a video's end, and another beginning. */

import type { Video } from "../../client/filmgate.ts";
import { costWord } from "../../client/money.ts";
import { afterOptions, requireAfter, tellCreated } from "../after-order.ts";
import { confirm, requireSomebody, yesOption } from "../asking.ts";
import { type Context, command } from "../command.ts";
import { isUnderWay } from "../following.ts";
import { shellWord } from "../words.ts";

export const remove = command({
  name: "delete",
  words: [{ name: "task", about: "task_…", needed: "one" }],
  about: "Cancel a video that is being made, or delete a finished one with its file. Asks first.",
  options: { ...yesOption },
  examples: [
    ["delete task_vmcn3psmsswzamtpxszgj97jmr", "asks, and says what it means for the money"],
    ["delete task_vmcn3psmsswzamtpxszgj97jmr --yes", "in a script"],
  ],
  async run(context, { task, yes }) {
    const { client, output, signal } = context;
    requireSomebody(context, yes);
    if (yes !== true) await confirmRemoval(context, task);
    context.goesOn([`Whether it was done, this tells: filmgate get ${shellWord(task)}`]);
    const answer = await client().video.delete(task, { signal });
    output.answer(answer, () => [[answer.message]]);
  },
});

export const retry = command({
  name: "retry",
  words: [{ name: "task", about: "task_…, one that failed or was cancelled", needed: "one" }],
  about: "Order a video once more that ended without one. It is a new task, paid for like any other.",
  options: { ...afterOptions },
  examples: [
    ["retry task_vmcn3psmsswzamtpxszgj97jmr", "answers with the new task, and what it costs"],
    ["retry task_vmcn3psmsswzamtpxszgj97jmr --wait", "wait for it"],
  ],
  async run(context, values) {
    await requireAfter(context, values, true);
    context.goesOn(["The same command again answers with the same retry, and orders nothing twice."]);
    const created = await context.client().video.retry(values.task, { signal: context.signal });
    await tellCreated(context, created, values);
  },
});

/** Asks until what was answered is what is going to be done: a video may be finished while the question stands. */
async function confirmRemoval(context: Context, task: string): Promise<void> {
  const { client, signal } = context;
  const look = () => client().video.get(task, { signal });
  for (let asked: Video | null = null, video = await look(); ; video = await look()) {
    if (asked !== null && isUnderWay(asked) === isUnderWay(video)) return;
    await confirm(context, false, questionFor(video));
    asked = video;
  }
}

/** What follows, said before it is done. */
function questionFor(video: Video): string {
  if (isUnderWay(video)) {
    return `Cancel ${video.id}, which is being made? What MiniMax has taken may still be charged.`;
  }
  const what =
    video.status === "completed" ? "with its file? Links and pages that show it end" : "? It has no file";
  const joint = video.status === "completed" ? " " : "";
  return `Delete ${video.id}${joint}${what}; ${costWord(video.cost)}.`;
}
