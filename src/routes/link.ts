/** Links to a stored video, as answers tell them: filmgate's own, and R2's. */

import type { Context } from "hono";
import { filePath, videoKey } from "../domain/ids.ts";
import type { LinkView } from "../domain/view.ts";
import { Refusal } from "../errors.ts";
import { type Disposition, linkLife, signLink } from "../ports/links.ts";
import { presignGet } from "../ports/presign.ts";
import type { AppEnv } from "./app-env.ts";

/** Where this deployment is reached. */
export function originOf(c: Context<AppEnv>): string {
  return c.var.settings.publicUrl ?? new URL(c.req.url).origin;
}

/** @param lifeSeconds at least so long the link works. */
export async function linkTo(
  c: Context<AppEnv>,
  fileId: string,
  lifeSeconds: number = linkLife.defaultSeconds,
  disposition: Disposition = "inline",
  filename: string | null = null,
): Promise<LinkView> {
  const { linkKeys } = c.var.settings;
  const now = Math.floor(Date.now() / 1000);
  const link = signLink(linkKeys, { path: filePath(fileId), lifeSeconds, disposition, filename, now });
  return { url: `${originOf(c)}${link.pathAndQuery}`, expiresAt: link.expiresAt };
}

export const r2Notice =
  "R2 serves this link itself: it works for 7 days at most, on R2's domain and not on yours, and cannot be revoked before it expires, other than by deleting the video.";

/** @throws Refusal r2_links_off where the deployment has no S3 credentials. */
export async function linkFromR2(
  c: Context<AppEnv>,
  fileId: string,
  lifeSeconds: number = linkLife.defaultSeconds,
  disposition: Disposition = "inline",
  filename: string | null = null,
): Promise<LinkView> {
  const { r2 } = c.var.settings;
  if (r2 === null) throw new Refusal("r2_links_off", { param: "via" });
  const response = { disposition, filename: filename ?? `${fileId}.mp4` };
  return presignGet(r2, { key: videoKey(fileId), lifeSeconds, now: Date.now(), response });
}
