/** `filmgate models` and `filmgate usage`: what can be made, and what was spent. */

import type { Spending, VideoModel } from "../../client/filmgate.ts";
import { price, usd } from "../../client/money.ts";
import { command } from "../command.ts";
import { commandError } from "../exits.ts";
import { dim, type Line, table } from "../lines.ts";

export const models = command({
  name: "models",
  words: [{ name: "model", about: "only this one", needed: "perhaps" }],
  about: "What can be made, at what price, and how long it usually takes.",
  options: {},
  examples: [
    ["models", "all of them"],
    ["models MiniMax-Hailuo-2.3 --json", "one, for a program"],
  ],
  async run({ client, output, signal }, { model }) {
    const all = await client().video.models({ signal });
    const data = model === undefined ? all.data : all.data.filter(({ id }) => id === model);
    if (data.length === 0) {
      const names = all.data.map(({ id }) => id).join(", ");
      throw commandError("invalid_usage", `There is no model '${model}'. There are ${names}.`);
    }
    output.answer(model === undefined ? all : data[0], () => {
      const head = ["model", "from", "size", "seconds", "price", "usually"];
      return table(head, data.flatMap(rowsOf), output.columns());
    });
  },
});

export const usage = command({
  name: "usage",
  words: [],
  about: "What the account and this key spent, and what their caps leave.",
  options: {},
  examples: [
    ["usage", "in US dollars"],
    ["usage --json", "for a program"],
  ],
  async run({ client, output, signal }) {
    const answer = await client().usage({ signal });
    const { account, key } = answer;
    output.answer(answer, () => [
      [`account ${account.name}`],
      ...spendingOf(account),
      [dim("")],
      [`key ${key.name} (${key.id})`],
      ...spendingOf(key),
    ]);
  },
});

/** One row for each size and mode; lengths of one price for a second would fill the screen, so they are joined. */
function rowsOf({ id, makes }: VideoModel): string[][] {
  const groups = new Map<string, VideoModel["makes"]>();
  for (const made of makes) {
    const key = `${made.mode} ${made.resolution}`;
    groups.set(key, [...(groups.get(key) ?? []), made]);
  }
  return [...groups.values()].map((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return [];
    const span = (of: (made: VideoModel["makes"][number]) => string) =>
      of(first) === of(last) ? of(first) : `${of(first)} ${group.length === 2 ? "or" : "to"} ${of(last)}`;
    return [
      id,
      first.mode,
      first.resolution,
      span((made) => String(made.duration)),
      span((made) => price(made.price_usd)),
      span((made) => `${made.expected_seconds} s`),
    ];
  });
}

function spendingOf({ caps, day, month, total }: Spending): Line[] {
  const row = (sums: Spending["total"], cap: number | null, left: number | null) => [
    usd(sums.settled_usd),
    usd(sums.reserved_usd),
    usd(sums.held_usd),
    cap === null ? "none" : usd(cap),
    left === null ? "" : usd(left),
  ];
  const rows = [
    ["today", ...row(day, caps.usd_per_day, day.remaining_usd)],
    ["this month", ...row(month, caps.usd_per_month, month.remaining_usd)],
    ["in all", ...row(total, null, null).slice(0, 3), "", ""],
  ];
  return table(["", "charged", "reserved", "held", "cap", "left"], rows, null);
}
