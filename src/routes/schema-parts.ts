/** What schemas are put together from: fields with a sentence, objects that know their fields, bodies of a route. */

import { z } from "@hono/zod-openapi";
import { maxUrlCharacters } from "../domain/outbound-url.ts";

/** A field with a sentence for those who read it. */
export const told = <T extends z.ZodType>(schema: T, description: string): T =>
  schema.openapi({ description }) as T;

export const example = <T extends z.ZodType>(schema: T, value: unknown): T =>
  schema.openapi({ example: value }) as T;

/** A schema with a name, or null: as `.nullable()` the document would lose that it may be null, or give it to all. */
export const orNull = <T extends z.ZodType>(schema: T) => schema.or(z.null());

export const text = (accepted: string) =>
  z.string({ error: (issue) => (issue.input === undefined ? "is required" : accepted) });

export const flag = z.boolean({ error: "must be true or false" });

export const retentionDays = z
  .int({ error: "must be a whole number of days from 1 to 3650" })
  .min(1, "must be a whole number of days from 1 to 3650")
  .max(3650, "must be a whole number of days from 1 to 3650")
  .openapi({ description: "How long the video is kept after it ended; by default for ever." });

/** Which addresses are taken is domain/outbound-url.ts's matter; the route judges them by the deployment's settings. */
export const webhookUrl = text("must be a text: an https URL").openapi({
  // Without an example: a pasted one would be called.
  description: "An https URL on a public host: it is told when the video succeeded, failed or was cancelled.",
  format: "uri",
  maxLength: maxUrlCharacters,
});

/** Judged in the same way. It is a secret, so answers show it masked. */
export const deployHookUrl = text("must be a text: an https URL").openapi({
  description:
    "An https URL on a public host, of Netlify, Vercel, Cloudflare or the like: it is called when the video succeeded, once for all that finish together, so that a site is built again.",
  format: "uri",
  maxLength: maxUrlCharacters,
});

/** An object whose unknown fields are refused by name, with the names that are accepted. */
export const closed = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not a field here; accepted are ${Object.keys(shape).join(", ")}`
        : "must be an object",
  });

/** A JSON body, as a route declares it. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { content: { "application/json": { schema } }, description };
}

export const pictureTypes = ["image/jpeg", "image/png", "image/webp"] as const;

/** A body of bytes, of one of these types. */
export function bytes(description: string, ...types: string[]) {
  const schema = z.string().openapi({ format: "binary" });
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), description };
}
