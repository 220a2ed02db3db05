/** `filmgate publish` and `filmgate unpublish`: an address that stays, and its end. */

import { command } from "../command.ts";
import { publicationFrom, publishOptions } from "../order-options.ts";

export const publish = command({
  name: "publish",
  words: [{ name: "task", about: "task_…, finished or not", needed: "one" }],
  about: "Give a video an address that stays. Answers with it. All settings are taken anew.",
  options: { ...publishOptions },
  examples: [
    ['publish task_vmcn3psmsswzamtpxszgj97jmr --title "Waves at sunset"', "for any site"],
    [
      "publish task_vmcn3psmsswzamtpxszgj97jmr --origin https://example.com --until 2027-01-31",
      "for one, until then",
    ],
  ],
  async run({ client, output, signal }, values) {
    const publication = await client().video.publish(values.task, publicationFrom(values), { signal });
    output.word(publication, publication.url);
    output.notice(`Its page is ${publication.page_url}`);
    if (publication.state === "making")
      output.notice("The video is still being made; the address waits for it.");
    if (publication.state === "failed") output.notice("No video came of this task: the address says so.");
  },
});

export const unpublish = command({
  name: "unpublish",
  words: [{ name: "task", about: "task_…", needed: "one" }],
  about: "Take a published video down. It stays, and published again it has the same address.",
  options: {},
  examples: [
    ["unpublish task_vmcn3psmsswzamtpxszgj97jmr", "holds at once, in browsers within five minutes"],
    ["unpublish task_vmcn3psmsswzamtpxszgj97jmr --json", "for a program"],
  ],
  async run({ client, output, signal }, { task }) {
    const answer = await client().video.unpublish(task, { signal });
    output.answer(answer, () => [["It is not published any more."]]);
  },
});
