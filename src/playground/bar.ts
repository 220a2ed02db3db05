/** The button that spends, with its price on it; beside it the usual time, and what a cap leaves. */

import { price, usd } from "../client/money.ts";
import type { Desk } from "./desk.ts";
import { el } from "./dom.ts";
import { type Cell, remainingOf } from "./rules.ts";

export function createBar(desk: Desk) {
  const problem = el("div", { class: "problem bar-problem", role: "alert" });
  const button = el("button", { type: "submit", class: "solid make" });
  const facts = el("p", { class: "bar-facts" });
  const element = el("div", { class: "bar" }, problem, el("div", { class: "bar-row" }, button, facts));
  return {
    element,
    problem,
    /** @param cell what is to be made; null if the models do not tell. */
    show(cell: Cell | null, isBusy: boolean) {
      const amount = cell?.price_usd ?? null;
      button.textContent = isBusy ? "Ordering …" : `Make it · ${price(amount)}`;
      if (isBusy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      const left = remainingOf(desk.usage());
      facts.textContent = [
        cell === null ? "" : `usually ${cell.expected_seconds} s`,
        left === null ? "" : `${usd(left.usd)} left ${left.where}`,
        amount === null ? "MiniMax publishes no price for it" : "",
      ]
        .filter((fact) => fact !== "")
        .join(" · ");
      facts.classList.toggle("over", left !== null && amount !== null && amount > left.usd);
    },
  };
}
