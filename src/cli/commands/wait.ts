/** `filmgate wait` and `filmgate download`: a task to its end, a video to the disk. */

import { tellVideo } from "../after-order.ts";
import { command } from "../command.ts";
import { commandError } from "../exits.ts";
import { follow, isUnderWay, succeeded, timeoutOption } from "../following.ts";
import { forceOption, requirePlace, save } from "../saving.ts";
import { shellWord } from "../words.ts";

export const wait = command({
  name: "wait",
  words: [{ name: "task", about: "task_…, as 'create' answered", needed: "one" }],
  about: "Wait until a video is there. Answers with its address.",
  options: {
    download: { kind: "text", about: "save it then: a file or folder", value: "PATH" },
    ...forceOption,
    ...timeoutOption,
  },
  examples: [
    ["wait task_vmcn3psmsswzamtpxszgj97jmr", "its link, once it plays"],
    [
      "wait task_vmcn3psmsswzamtpxszgj97jmr --download waves.mp4 --timeout 600",
      "save it, within ten minutes",
    ],
  ],
  async run(context, { task, ...after }) {
    const { client, signal } = context;
    if (after.download !== undefined) {
      // A file that lies there can only be this video if that is made already.
      const isMade = !isUnderWay(await client().video.get(task, { signal }));
      await requirePlace(context, after.download, isMade || after.force === true);
    }
    await tellVideo(context, await follow(context, task, after), after);
  },
});

export const download = command({
  name: "download",
  words: [
    { name: "video", about: "task_… or file_…", needed: "one" },
    { name: "path", about: "a file, a folder, or '-' for standard output", needed: "perhaps" },
  ],
  about: "Save a finished video, whole and checked. What broke off is carried on.",
  options: { ...forceOption },
  examples: [
    ["download task_vmcn3psmsswzamtpxszgj97jmr waves.mp4", "to a file"],
    ["download file_vmcn3psmsswzamtpxszgj97jmr - | ffprobe -", "to another program"],
  ],
  async run(context, { video, path, force }) {
    const fileId = video.startsWith("file_") ? video : await fileOfTask();
    const saved = await save(context, { fileId, video, path, force });
    if (saved.path !== null) context.output.word({ ...saved.promised, path: saved.path }, saved.path);

    async function fileOfTask(): Promise<string> {
      const task = succeeded(await context.client().video.get(video, { signal: context.signal }));
      if (task.file_id !== null) return task.file_id;
      context.goesOn([`Wait for it with: filmgate wait ${shellWord(task.id)} --download PATH`]);
      throw commandError("video_not_ready", "The video is not finished yet.");
    }
  },
});
