/** Signed links: what a page embeds. The signature is all there is to check; no object is asked. */

import { isFileId, videoKey } from "../domain/ids.ts";
import { type ErrorCode, Refusal } from "../errors.ts";
import { type LinkVerdict, verifyLink } from "../ports/links.ts";
import { createRoutes } from "./app-env.ts";
import { serveVideo } from "./serve.ts";

const refusals: Record<Exclude<LinkVerdict["verdict"], "valid">, ErrorCode> = {
  unsigned: "link_unsigned",
  invalid: "link_invalid",
  expired: "link_expired",
};

export const fileRoutes = createRoutes();

fileRoutes.get("/files/:name", async (c) => {
  const url = new URL(c.req.url);
  const name = /^\/files\/([a-z0-9_]+)\.mp4$/.exec(url.pathname)?.[1] ?? "";
  if (!isFileId(name)) throw new Refusal("not_found");
  const now = Math.floor(Date.now() / 1000);
  const link = await verifyLink(c.var.settings.linkKeys, { path: url.pathname, search: url.search, now });
  if (link.verdict !== "valid") throw new Refusal(refusals[link.verdict]);
  return serveVideo(c.env.VIDEOS, c.req.raw, {
    key: videoKey(name),
    filename: `${name}.mp4`,
    disposition: link.disposition,
    // The bytes never change; a browser may keep them for as long as the link would let it fetch them again.
    cacheControl: `private, max-age=${Math.min(link.expiresAt - now, 3600)}, no-transform`,
  });
});
