/** Every command of the command line, in the order in which the help and docs/cli.md show them. */

import type { AnyCommand } from "./command.ts";
import { models, usage } from "./commands/account.ts";
import { create } from "./commands/create.ts";
import { ensure } from "./commands/ensure.ts";
import { changeKey, createKey, listKeys, revokeKey } from "./commands/keys.ts";
import { get, list } from "./commands/looking.ts";
import { publish, unpublish } from "./commands/publishing.ts";
import { remove, retry } from "./commands/removing.ts";
import { download, wait } from "./commands/wait.ts";

export const commands: readonly AnyCommand[] = [
  create,
  ensure,
  list,
  get,
  wait,
  download,
  publish,
  unpublish,
  remove,
  retry,
  models,
  usage,
  listKeys,
  createKey,
  changeKey,
  revokeKey,
];

/** Families of commands, by their first word. */
export const families: Readonly<Record<string, string>> = {
  keys: "Make, list, change and revoke API keys, with FILMGATE_ADMIN_KEY.",
};
