/** What single clients need otherwise than all others: one row each, with the reason. */

import type { QueryStatus } from "../contract.ts";

type Quirk = Readonly<{
  userAgent: RegExp;
  words: Partial<Record<QueryStatus, QueryStatus>>;
  reason: string;
}>;

const quirks: readonly Quirk[] = [
  {
    userAgent: /^python-httpx\//,
    words: { Fail: "failed" },
    reason:
      "Metriqual's Python client 1.1.2 ends its wait on 'failed' or 'error' and polls on for ten minutes on 'Fail'.",
  },
];

/** The status word that this caller's client understands. */
export function statusWordFor(userAgent: string | undefined, status: QueryStatus): QueryStatus {
  const quirk = quirks.find((one) => one.userAgent.test(userAgent ?? ""));
  return quirk?.words[status] ?? status;
}
