/** What was spent, in every state of money, and what the caps leave. */

import type { Spending, UsageResponse } from "../client/filmgate.ts";
import { usd } from "../client/money.ts";
import { el, fill } from "./dom.ts";
import { remainingOf } from "./rules.ts";
import { createStrip } from "./strip.ts";

const rows = [
  ["Reserved", "reserved_usd", "may still be charged"],
  ["Charged", "settled_usd", "MiniMax made it"],
  ["Released", "released_usd", "nothing was made"],
  ["Held", "held_usd", "nobody knows"],
] as const;

export function createMoney() {
  const holder = el("div", {});
  const element = el(
    "section",
    { class: "money", id: "money", "aria-label": "Money" },
    el("h2", {}, "Money"),
    holder,
  );
  return {
    element,
    show(usage: UsageResponse) {
      const { account, key } = usage;
      const isHeld = account.total.held_usd > 0;
      const hasOwnCaps = key.caps.usd_per_day !== null || key.caps.usd_per_month !== null;
      const isSame = JSON.stringify(key.total) === JSON.stringify(account.total);
      fill(
        holder,
        tableOf(`Account ${account.name}`, account),
        hasOwnCaps || !isSame ? tableOf(`This key, ${key.name}`, key) : null,
        isHeld
          ? el(
              "p",
              { class: "note" },
              "Held is what nobody knows: MiniMax's answer was lost, so it may have been charged. It counts under the cap until the operator settles or releases it.",
            )
          : null,
        el("p", { class: "note" }, "Days and months are UTC; money belongs to the day of its order."),
      );
    },
  };
}

/** In a line, for the head of the page. */
export function moneyLine(usage: UsageResponse): string {
  const { reserved_usd, settled_usd, held_usd } = usage.account.day;
  const left = remainingOf(usage);
  const today = `${usd(reserved_usd + settled_usd + held_usd)} today`;
  return left === null
    ? today
    : `${today}, ${usd(left.usd)} left${left.where === "today" ? "" : ` ${left.where}`}`;
}

function tableOf(caption: string, { caps, day, month }: Spending): HTMLElement {
  const body = rows.map(([name, field, meaning]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, name, el("small", {}, meaning)),
      el("td", {}, usd(day[field])),
      el("td", {}, usd(month[field])),
    ),
  );
  const none = "no cap";
  const remaining = (sum: { remaining_usd: number | null }) =>
    sum.remaining_usd === null ? none : usd(sum.remaining_usd);
  const isCapped = caps.usd_per_day !== null || caps.usd_per_month !== null;
  return el(
    "div",
    { class: "ledger" },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el("tr", {}, el("td", {}), el("th", { scope: "col" }, "Today"), el("th", { scope: "col" }, "Month")),
      ),
      el("tbody", {}, ...body),
      el(
        "tfoot",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "row" }, "Left", el("small", {}, isCapped ? capWord(caps) : "nothing limits it")),
          el("td", {}, remaining(day)),
          el("td", {}, remaining(month)),
        ),
      ),
    ),
    meterOf("Spent today", caps.usd_per_day, day.remaining_usd),
    meterOf("Spent this month", caps.usd_per_month, month.remaining_usd),
  );
}

function capWord({ usd_per_day: perDay, usd_per_month: perMonth }: Spending["caps"]): string {
  return [perDay === null ? "" : `${usd(perDay)} a day`, perMonth === null ? "" : `${usd(perMonth)} a month`]
    .filter((cap) => cap !== "")
    .join(", ");
}

/** How much of a cap is used, as frames that have passed. */
function meterOf(label: string, cap: number | null, left: number | null): HTMLElement | null {
  if (cap === null || left === null) return null;
  const strip = createStrip(label);
  strip.show(cap === 0 ? 100 : (100 * (cap - left)) / cap, `${usd(cap - left)} of ${usd(cap)}`);
  return el(
    "div",
    { class: "meter" },
    el("p", {}, `${label}: ${usd(cap - left)} of ${usd(cap)}`),
    strip.element,
  );
}
