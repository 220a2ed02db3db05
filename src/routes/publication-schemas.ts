/** Publishing, as schemas: what is asked for, and what answers. Origins are judged by domain/publication.ts. */

import { z } from "@hono/zod-openapi";
import { maxOrigins, readOrigin } from "../domain/publication.ts";
import { closed, text, told } from "./schema-parts.ts";

const originRule =
  "must be an https origin without a path, such as https://example.com (http only for localhost)";

const originsRule = `must be a list of 1 to ${maxOrigins} origins, or null for any`;

const titleRule = "must be a text of at most 200 characters";

const altRule = "must be a text of at most 1,000 characters";

const futureRule = "must be a Unix second in the future";

/** A site, by its origin; what is kept is its canonical spelling, by readOrigin. */
export const siteOrigin = text(originRule)
  .refine((origin) => readOrigin(origin) !== null, originRule)
  .openapi({ pattern: "^https?://[^/?#@\\s\\\\]+$", example: "https://example.com" });

export const siteOrigins = z
  .array(siteOrigin, { error: originsRule })
  .min(1, originsRule)
  .max(maxOrigins, originsRule);

export const publishRequest = closed({
  origins: siteOrigins
    .nullish()
    .openapi({ description: "Sites that may show it, by their origins; any if left out." }),
  title: z
    .string({ error: titleRule })
    .max(200, titleRule)
    .nullish()
    .openapi({ description: "At most 200 characters." }),
  alt: z
    .string({ error: altRule })
    .max(1000, altRule)
    .nullish()
    .openapi({ description: "What is seen, for those who do not see it; at most 1,000 characters." }),
  expires_at: z
    .int({ error: futureRule })
    .refine((at) => at * 1000 > Date.now(), futureRule)
    .nullish()
    .openapi({
      description: "A Unix second: when it ends by itself; it stays until it is taken down if left out.",
      minimum: 1,
    }),
}).openapi("PublishRequest");

export const publication = z
  .object({
    object: z.literal("publication"),
    id: told(z.string(), "The task's."),
    file_id: z.string(),
    url: told(z.string(), "The video, from when it is ready. It is the same for ever."),
    page_url: told(z.string(), "Its player page, for an iframe or a link."),
    poster_url: told(
      z.string().nullable(),
      "The picture that stands for it, also while the video is made; null where there is none.",
    ),
    oembed_url: told(z.string(), "What programs that embed by oEmbed ask."),
    embed_html: told(z.string(), "A `<video>` to paste into a page."),
    state: told(
      z.enum(["making", "ready", "failed"]),
      "`making` until there is a video; `failed` if none came.",
    ),
    origins: z.array(z.string()).nullable(),
    title: z.string().nullable(),
    alt: z.string().nullable(),
    expires_at: z.int().nullable(),
  })
  .openapi("Publication");

export const oembedResponse = z
  .object({
    version: z.literal("1.0"),
    type: z.literal("video"),
    provider_name: z.literal("filmgate"),
    title: z.string().optional(),
    width: z.int(),
    height: z.int(),
    html: told(z.string(), "An `<iframe>` with the player page."),
    thumbnail_url: told(
      z.string().optional(),
      "Its poster, if it has one that there is room for; with `thumbnail_width` and `thumbnail_height`, or not at all.",
    ),
    thumbnail_width: z.int().optional(),
    thumbnail_height: z.int().optional(),
  })
  .openapi("OEmbedResponse");

export const unpublishResponse = z
  .object({ id: z.string(), object: z.literal("publication.deleted"), deleted: z.literal(true) })
  .openapi("UnpublishResponse");
