/** `filmgate keys`: API keys, made, listed, changed and revoked by the owner of the deployment. */

import { usd } from "../../client/money.ts";
import type { ApiKey } from "../../contract.ts";
import { openAdmin } from "../admin.ts";
import { confirm, requireSomebody, yesOption } from "../asking.ts";
import { command, type Options, type Values } from "../command.ts";
import { commandError } from "../exits.ts";
import { table } from "../lines.ts";
import { momentWord } from "../words.ts";

const accountOption = {
  account: { kind: "text", about: "whose key it is", value: "NAME", standard: "default" },
} as const satisfies Options;
const settings = {
  "per-day": { kind: "text", about: "most that it may order in a UTC day, or 'none'", value: "USD" },
  "per-month": { kind: "text", about: "the same for a UTC month", value: "USD" },
  origin: { kind: "texts", about: "publishable keys: a site whose pages may use it", value: "ORIGIN" },
  tickets: { kind: "flag", about: "publishable keys: creates with a ticket, or not (--no-tickets)" },
} as const satisfies Options;

export const listKeys = command({
  name: "keys list",
  words: [],
  about: "An account's keys, with caps and last use. The keys themselves are not kept.",
  options: { ...accountOption },
  examples: [
    ["keys list", "of the account 'default'"],
    ["keys list --account studio --json", "of another, for a program"],
  ],
  async run(context, { account }) {
    const answer = await openAdmin(context).list(account);
    context.output.answer(answer, () =>
      table(
        ["id", "kind", "per day", "per month", "last used", "state", "name"],
        answer.data.map((key) => [
          key.id,
          key.kind,
          capWord(key.caps.usd_per_day),
          capWord(key.caps.usd_per_month),
          key.last_used_at === null ? "never" : momentWord(key.last_used_at),
          key.revoked_at === null ? "active" : "revoked",
          key.name,
        ]),
        context.output.columns(),
      ),
    );
  },
});

export const createKey = command({
  name: "keys create",
  words: [{ name: "name", about: "what it is called in lists", needed: "one" }],
  about: "Make a key. Answers with it, this once: only its hash is kept.",
  options: {
    ...accountOption,
    kind: {
      kind: "text",
      about: "publishable ones may stand in a page",
      value: "KIND",
      choices: ["secret", "publishable"],
      standard: "secret",
    },
    ...settings,
  },
  examples: [
    ['keys create "my site" --per-month 20', "one for a server, with a cap"],
    ['keys create "my page" --kind publishable --origin https://example.com', "one for a page"],
  ],
  async run(context, values) {
    const made = await openAdmin(context).create({
      name: values.name,
      ...(values.account === undefined ? {} : { account: values.account }),
      ...(values.kind === undefined ? {} : { kind: values.kind as ApiKey["kind"] }),
      ...settingsFrom(values),
    });
    context.output.word(made, made.key);
    context.output.notice(`It is ${made.id} of the account ${made.account}. Keep it: it is not shown again.`);
  },
});

export const changeKey = command({
  name: "keys change",
  words: [{ name: "key", about: "key_…, not the key itself", needed: "one" }],
  about: "Change a key's name, caps, or the sites that it is bound to. What is left out stays.",
  options: {
    ...accountOption,
    name: { kind: "text", about: "what it is called in lists", value: "TEXT" },
    ...settings,
  },
  examples: [
    ["keys change key_9f2k --per-day 5", "another cap"],
    ["keys change key_9f2k --per-day none --name studio", "none, and another name"],
  ],
  async run(context, values) {
    const request = {
      ...(values.name === undefined ? {} : { name: values.name }),
      ...settingsFrom(values),
    };
    if (Object.keys(request).length === 0) {
      throw commandError(
        "invalid_usage",
        "Nothing is changed: give --name, --per-day, --per-month, --origin or --tickets.",
      );
    }
    const changed = await openAdmin(context).change(values.key, values.account, request);
    context.output.answer(changed, () => [[`${changed.id} is changed.`]]);
  },
});

export const revokeKey = command({
  name: "keys revoke",
  words: [{ name: "key", about: "key_…, not the key itself", needed: "one" }],
  about: "Revoke a key, for good. Asks first.",
  options: { ...accountOption, ...yesOption },
  examples: [
    ["keys revoke key_9f2k", "asks"],
    ["keys revoke key_9f2k --account studio --yes", "in a script"],
  ],
  async run(context, { key, account, yes }) {
    const admin = openAdmin(context);
    requireSomebody(context, yes);
    await confirm(context, yes, `Revoke ${key} for good? Whatever uses it is refused from then on.`);
    const revoked = await admin.revoke(key, account);
    context.output.answer(revoked, () => [[`${revoked.id} (${revoked.name}) is revoked.`]]);
  },
});

function settingsFrom(values: Values<typeof settings, []>) {
  const perDay = readCap("--per-day", values["per-day"]);
  const perMonth = readCap("--per-month", values["per-month"]);
  const caps = {
    ...(perDay === undefined ? {} : { usd_per_day: perDay }),
    ...(perMonth === undefined ? {} : { usd_per_month: perMonth }),
  };
  return {
    ...(Object.keys(caps).length === 0 ? {} : { caps }),
    ...(values.origin.length === 0 ? {} : { origins: [...values.origin] }),
    ...(values.tickets === undefined ? {} : { tickets: values.tickets }),
  };
}

function readCap(option: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === "none") return null;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw commandError(
    "invalid_usage",
    `${option} takes US dollars such as 5 or 2.50, or 'none', not '${text}'.`,
  );
}

function capWord(cap: number | null): string {
  return cap === null ? "none" : usd(cap);
}
