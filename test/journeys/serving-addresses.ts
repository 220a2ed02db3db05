/** The addresses that docs/serving.md speaks of, made in a world, with what its words mean at each. */

import { createHash, createHmac } from "node:crypto";
import { localSettings } from "../../scripts/worker.ts";
import type { DownloadVideoResponse } from "../../src/contract.ts";
import { type Address, savedName, sha256Of } from "./serving-rows.ts";
import { until, type World } from "./world.ts";

const model = "MiniMax-Hailuo-2.3";

/** A link as docs/architecture.md says it is signed, in a spelling of its own. */
function signed(path: string, expiresAt: number): string {
  const [kid = "", secret = ""] = localSettings.LINK_KEYS.split(":");
  const text = ["filmgate-link-1", path, expiresAt, kid, "inline"].join("\n");
  const signature = createHmac("sha256", secret).update(text).digest("base64url");
  return `${path}?exp=${expiresAt}&kid=${kid}&sig=${signature}`;
}

/** Where the `moov` box ends, in a file that has it before `mdat`. */
export function endOfMoov(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 8 <= file.byteLength; at += view.getUint32(at)) {
    const type = new TextDecoder().decode(file.subarray(at + 4, at + 8));
    if (type === "moov") return at + view.getUint32(at) - 1;
    if (type === "mdat") break;
  }
  throw new Error("the file does not begin with ftyp and moov: it is not fast start");
}

/**
 * Makes them all. The same bytes lie behind every one that plays.
 * @param sites `site` is the one that may show what is limited to it.
 */
export async function makeAddresses(world: World, sites: { site: string; other: string }) {
  const prompt = world.prompt("instant");
  const { body: order } = await world.create({ model, prompt, publish: {} });
  const over = await world.untilOver(order.task_id);
  const path = `/files/${over.file_id}.mp4`;
  const ask = async (parameters: string) =>
    (await world.call<DownloadVideoResponse>("GET", `/v1/videos/download/${over.file_id}${parameters}`)).body
      .download_url;
  const link = await ask("");
  const file = new Uint8Array(await (await fetch(link)).arrayBuffer());
  const publicUrl = String(order.publication?.url);
  await until(async () => (await fetch(publicUrl, { method: "HEAD" })).ok, "the published address plays");

  const publishing = async (scenario: string, publish: object = {}) => {
    const { body } = await world.create({ model, prompt: world.prompt(scenario), publish });
    return {
      id: body.task_id,
      fileId: String(body.publication?.file_id),
      url: String(body.publication?.url),
    };
  };
  const limited = await publishing("instant", { origins: [sites.site] });
  const down = await publishing("instant");
  const failed = await publishing("fail=1027");
  // Long enough for a slow machine to order it, and over by the time the others are there.
  const ended = await publishing("instant", { expires_at: Math.floor(Date.now() / 1000) + 5 });
  const making = await publishing("stall");
  for (const { id } of [limited, down, failed]) await world.untilOver(id);
  const untilAnswers = (url: string, status: number) =>
    until(async () => (await fetch(url, { method: "HEAD" })).status === status, `${url} answers ${status}`);
  await untilAnswers(limited.url, 200);
  await untilAnswers(failed.url, 410);
  await untilAnswers(ended.url, 410);
  await world.call("DELETE", `/v1/videos/${down.id}/publish`);
  const { body: gone } = await world.create({ model, prompt: world.prompt("instant") });
  const goneOver = await world.untilOver(gone.task_id);
  const goneLink = (await world.download(goneOver.file_id)).promised.download_url;
  await world.call("DELETE", `/v1/videos/${gone.task_id}`);

  const limitedFile = new Uint8Array(await (await fetch(limited.url)).arrayBuffer());
  const exposed = (await fetch(link, { method: "HEAD" })).headers.get("access-control-expose-headers") ?? "";

  async function address(
    url: string,
    isPublished: boolean,
    bytes: Uint8Array,
    fileId: string,
  ): Promise<Address> {
    const told = (await fetch(url, { method: "HEAD" })).headers.get("last-modified");
    const modified = new Date(told ?? 0);
    const minutes = (count: number) => new Date(modified.getTime() + count * 60_000).toUTCString();
    // R2's ETag of what was put whole is its MD5; a published address has its SHA-256.
    const hash = isPublished ? sha256Of(bytes) : createHash("md5").update(bytes).digest("hex");
    const [size, middle] = [bytes.byteLength, Math.floor(bytes.byteLength / 2)];
    const values = {
      ...sites,
      name: savedName,
      exposed,
      file_id: fileId,
      size: String(size),
      last: String(size - 1),
      middle: String(middle),
      moov: String(endOfMoov(bytes)),
      etag: `"${hash}"`,
      modified: minutes(0),
      earlier: minutes(-1),
      later: minutes(1),
    };
    return { url, isPublished, values };
  }

  const seconds = Math.floor(Date.now() / 1000);
  const links = {
    link,
    saved: await ask("?disposition=attachment"),
    named: await ask(`?filename=${encodeURIComponent(savedName)}`),
    expired: `${world.url}${signed(path, seconds - 3600)}`,
    altered: link.replace(/exp=(\d+)/, (_, at: string) => `exp=${Number(at) + 3600}`),
    unsigned: `${world.url}${path}`,
    gone: goneLink,
  };
  const addresses = new Map<string, Address>();
  const values = (await address(link, false, file, over.file_id)).values;
  for (const [word, url] of Object.entries(links)) addresses.set(word, { url, isPublished: false, values });
  addresses.set("public", await address(publicUrl, true, file, over.file_id));
  addresses.set("limited", await address(limited.url, true, limitedFile, limited.fileId));
  for (const [word, { url, fileId }] of Object.entries({ making, failed, ended, down })) {
    addresses.set(word, { url, isPublished: true, values: { ...values, file_id: fileId } });
  }
  return {
    exposed,
    taskId: order.task_id,
    prompt,
    /** What lies behind an address that plays. */
    fileOf: (word: string) => (word === "limited" ? limitedFile : file),
    addressOf(word: string): Address {
      const found = addresses.get(word);
      if (found === undefined) throw new Error(`docs/serving.md: {${word}} is no address`);
      return found;
    },
  };
}

export type Addresses = Awaited<ReturnType<typeof makeAddresses>>;
