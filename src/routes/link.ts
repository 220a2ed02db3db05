/** A signed link to a stored video, as an answer tells it. */

import type { Context } from "hono";
import { filePath } from "../domain/ids.ts";
import type { LinkView } from "../domain/view.ts";
import { type Disposition, linkLife, signLink } from "../ports/links.ts";
import type { AppEnv } from "./app-env.ts";

/** @param lifeSeconds at least so long the link works. */
export async function linkTo(
  c: Context<AppEnv>,
  fileId: string,
  lifeSeconds: number = linkLife.defaultSeconds,
  disposition: Disposition = "inline",
): Promise<LinkView> {
  const { linkKeys, publicUrl } = c.var.settings;
  const now = Math.floor(Date.now() / 1000);
  const link = signLink(linkKeys, { path: filePath(fileId), lifeSeconds, disposition, now });
  return { url: `${publicUrl ?? new URL(c.req.url).origin}${link.pathAndQuery}`, expiresAt: link.expiresAt };
}
