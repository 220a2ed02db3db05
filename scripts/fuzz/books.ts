/** What a run proves about money: MiniMax's books held against what callers were told. Pure. */

export type Create = Readonly<{
  task_id: string;
  billed: boolean;
  callback_url: string | null;
  prompt: string;
}>;

export type Books = Readonly<{
  /** What MiniMax accepted, with the callback address that names filmgate's task. */
  creates: readonly Create[];
  billedMicroUsd: number;
  /** filmgate's tasks that an answer of success named to who ordered. */
  accepted: ReadonlySet<string>;
  /** filmgate's own sums over all accounts, in millionths of a dollar. */
  money: Readonly<{ reserved: number; settled: number; held: number }>;
}>;

/** Every broken promise, by name; none if all hold. */
export function compareBooks({ creates, billedMicroUsd, accepted, money }: Books): string[] {
  // What failed at MiniMax was not paid, and its create may have been answered as refused.
  const orders = creates.filter(({ billed }) => billed).map((one) => ({ ...one, order: orderOf(one) }));
  const seen = new Set<string>();
  const twice = orders.flatMap(({ order, task_id }) => {
    const isFirst = order === null || !seen.has(order);
    if (order !== null) seen.add(order);
    return isFirst ? [] : [`${order} was paid again, as MiniMax's ${task_id}`];
  });
  const spent = money.settled + money.held;
  return [
    ...orders
      .filter(({ order }) => order === null)
      .map(({ task_id, prompt }) => `MiniMax's ${task_id} belongs to no order: ${JSON.stringify(prompt)}`),
    ...twice,
    ...orders
      .filter(({ order }) => order !== null && !accepted.has(order))
      .map(({ order, task_id }) => `MiniMax's ${task_id} was paid for ${order}, whose order was refused`),
    ...(orders.length === 0 ? ["nothing was ordered, so nothing is proven"] : []),
    ...(money.reserved === 0 ? [] : [`${money.reserved} micro-dollars are still reserved`]),
    ...(spent === billedMicroUsd
      ? []
      : [`filmgate's sums say ${spent} micro-dollars, and MiniMax's bill ${billedMicroUsd}`]),
  ];
}

function orderOf({ callback_url }: Create): string | null {
  return /\/(task_[0-9a-z]{26})\?/.exec(callback_url ?? "")?.[1] ?? null;
}
