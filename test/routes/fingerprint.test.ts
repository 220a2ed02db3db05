/** What a dry run says an order is: the very fingerprint by which the Account knows it once it is given. */

import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { CreateVideoResponse, DryRunResponse, UploadedFile } from "../../src/contract.ts";
import { png } from "../domain/images.ts";
import { wave } from "../domain/media-files.ts";
import { env, makeKey, post } from "./worker.ts";

const newAccount = () => `fingerprint-${crypto.randomUUID().slice(0, 8)}`;

async function tell(key: string, order: object): Promise<string> {
  const response = await post(
    "/v1/videos/generations",
    key,
    JSON.stringify({ model: "MiniMax-Hailuo-2.3", prompt: "Waves", ...order, dry_run: true }),
  );
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json<DryRunResponse>()).fingerprint;
}

async function give(account: string, key: string, order: object): Promise<string | undefined> {
  const body = { model: "MiniMax-Hailuo-2.3", prompt: "Waves", ...order };
  const response = await post("/v1/videos/generations", key, JSON.stringify(body));
  expect(response.status, await response.clone().text()).toBe(200);
  const { task_id: taskId } = await response.json<CreateVideoResponse>();
  return runInDurableObject(env.ACCOUNTS.getByName(account), (_, { storage }) => {
    const [row] = storage.sql.exec("SELECT fingerprint FROM tasks WHERE task_id = ?", taskId).toArray();
    return row?.fingerprint as string | undefined;
  });
}

const picture = png(800, 600);
const inline = `data:image/png;base64,${picture.toBase64()}`;

describe("the fingerprint that a dry run tells", () => {
  it.each<[title: string, order: (uploaded: string) => object]>([
    ["a prompt", () => ({})],
    ["another take", () => ({ take: 2 })],
    ["an image at a public address", () => ({ first_frame_image: "https://example.com/a.png" })],
    ["an image as a data URL", () => ({ first_frame_image: inline })],
    ["an image in bare base64", () => ({ first_frame_image: picture.toBase64() })],
    ["an uploaded image", (uploaded) => ({ first_frame_image: uploaded })],
    ["images to go by", (uploaded) => ({ model: "MiniMax-H3", reference_images: [inline, uploaded] })],
  ])("is that of the order itself, for %s", async (_title, order) => {
    const account = newAccount();
    const { key } = await makeKey(account);
    const uploaded = await post("/v1/files", key, picture.slice());
    const { id } = await uploaded.json<UploadedFile>();
    const told = await tell(key, order(id));
    expect(told).toMatch(/^[0-9a-f]{64}$/);
    expect(await give(account, key, order(id))).toBe(told);
  });

  it("is the same for all ways of writing one order", async () => {
    const { key } = await makeKey(newAccount());
    const { id } = await (await post("/v1/files", key, picture.slice())).json<UploadedFile>();
    const told = await tell(key, { first_frame_image: inline });
    for (const order of [
      { first_frame_image: picture.toBase64() },
      { first_frame_image: id },
      { first_frame_image: inline, duration: 6, resolution: "768p", take: 1, prompt_optimizer: true, n: 1 },
      { first_frame_image: inline, metadata: { page: "/" }, publish: {}, retention_days: 3, max_cost_usd: 9 },
    ]) {
      expect(await tell(key, order)).toBe(told);
    }
  });

  it.each([
    ["another prompt", { prompt: "Wave" }],
    ["another take", { take: 2 }],
    ["another length", { duration: 10 }],
    ["another size", { resolution: "1080P" }],
    ["another image", { first_frame_image: png(800, 601).toBase64() }],
    ["another model", { model: "MiniMax-Hailuo-02" }],
    [
      "sounds to go by",
      { model: "MiniMax-H3", reference_images: [inline], reference_audio: [wave(3).toBase64()] },
    ],
  ])("is another one for %s", async (_title, order) => {
    const { key } = await makeKey(newAccount());
    expect(await tell(key, order)).not.toBe(await tell(key, {}));
  });
});
