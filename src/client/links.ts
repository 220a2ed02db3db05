/** What a link may be asked for, checked before a video is ordered for it: the server tells only once that is made. */

import { FilmgateError } from "./errors.ts";
import type { LinkOptions } from "./orders.ts";

const shortestSeconds = 60;
const longestSeconds = 604_800;

type Rule = { param: keyof LinkOptions; isKept: (options: LinkOptions) => boolean; sentence: string };

/** The server's own, as far as they are short. */
const rules: readonly Rule[] = [
  {
    param: "expiresIn",
    isKept: ({ expiresIn: life }) =>
      life === undefined || (Number.isInteger(life) && life >= shortestSeconds && life <= longestSeconds),
    sentence: `expiresIn must be a whole number of seconds from ${shortestSeconds} to ${longestSeconds}.`,
  },
  {
    param: "filename",
    isKept: ({ filename }) => filename === undefined || /^[^/\\]+$/.test(filename),
    sentence: "filename must be a name without slashes.",
  },
  {
    param: "filename",
    isKept: ({ filename, disposition }) => filename === undefined || disposition !== "inline",
    sentence: "filename is for what is saved; leave it out, or disposition.",
  },
];

/** @throws FilmgateError `invalid_argument`, naming the option in `param`. */
export function checkLinkOptions(options: LinkOptions): void {
  const broken = rules.find(({ isKept }) => !isKept(options));
  if (broken === undefined) return;
  throw new FilmgateError(broken.sentence, { code: "invalid_argument", param: broken.param });
}
