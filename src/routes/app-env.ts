/** What every handler finds in its context. */

import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Env, Settings } from "../env.ts";
import { type ErrorCode, Refusal } from "../errors.ts";
import type { Ticket } from "../ports/tickets.ts";
import type { Caller } from "./access.ts";

/** A file of a form; the order names it by its content. */
export type Picture = Readonly<{ bytes: Uint8Array; sha256: string }>;

export type AppEnv = {
  Bindings: Env;
  Variables: {
    settings: Settings;
    requestId: string;
    caller: Caller;
    /** On creates: what a publishable key may create with; null for a secret key, which needs none. */
    ticket: Ticket | null;
    /** On creates that come as a form with a picture in it, until it is kept. */
    picture: Picture | undefined;
  };
};

/** A group of routes whose schema violations become refusals that name the field. */
export function createRoutes(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw refusalOf(result.error.issues);
    },
  });
}

/** Turns the first violation into a sentence: field, what was wrong, what is accepted. */
function refusalOf(issues: readonly z.core.$ZodIssue[]): Refusal {
  const issue = issues[0];
  if (issue === undefined) return new Refusal("invalid_field");
  // Names that the caller made up are cut: the sentence must not be as large as the body.
  const names = issue.path.map((name) => String(name).slice(0, 64));
  const path = names.join(".");
  if (issue.code === "unrecognized_keys") {
    const field = [...names, (issue.keys[0] ?? "").slice(0, 64)].join(".");
    return new Refusal("unknown_field", {
      message: `${field}: ${issue.message}.`,
      param: field,
    });
  }
  const code: ErrorCode = issue.message === "is required" ? "missing_field" : "invalid_field";
  const field = path === "" ? "body" : path;
  return new Refusal(code, { message: `${field}: ${issue.message}.`, param: field });
}
