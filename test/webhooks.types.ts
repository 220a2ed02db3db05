/** Holds the schemas of webhooks equal to contract.ts, as test/contract.types.ts does for the others. */

import type { z } from "@hono/zod-openapi";
import type * as contract from "../src/contract.ts";
import type * as schemas from "../src/routes/webhook-schemas.ts";

type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Equal<A, B> =
  (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false;
type Row<Schema extends keyof typeof schemas, Contract> = [
  Schema,
  Equal<z.infer<(typeof schemas)[Schema]>, Contract>,
];

export type Proven = Expect<
  | Row<"webhookEvent", contract.WebhookEvent>
  | Row<"webhookDelivery", contract.WebhookDelivery>
  | Row<"listWebhookDeliveriesResponse", contract.ListWebhookDeliveriesResponse>
  | Row<"webhookSecret", contract.WebhookSecret>
>;
type Expect<Rows extends [string, true]> = Rows;

export type Complete = ExpectNever<Exclude<keyof typeof schemas, Proven[0]>>;
type ExpectNever<T extends never> = T;
