/** The images of an order: read and checked before anything is kept, kept before anything is admitted. */

import { sha256Hex } from "../domain/hash.ts";
import { imageKey } from "../domain/ids.ts";
import { type ImageFacts, inspectImage, readImageInput } from "../domain/image.ts";
import { type Draft, type ImageSource, imageFields, type Order } from "../domain/order.ts";
import { Refusal } from "../errors.ts";
import { findImage, keepImage } from "../ports/bucket.ts";

type Checked = { source: ImageSource; inline: { bytes: Uint8Array; facts: ImageFacts } | null };
export type CheckedImages = ReadonlyMap<(typeof imageFields)[number], Checked>;

/**
 * Checks every image of a draft; nothing is stored.
 * @throws Refusal naming the field and what is accepted.
 */
export async function checkImages(bucket: R2Bucket, account: string, draft: Draft): Promise<CheckedImages> {
  const checked = new Map<(typeof imageFields)[number], Checked>();
  for (const field of imageFields) {
    const text = draft.images[field];
    if (text === undefined) continue;
    const param = field === "subject_reference" ? "subject_reference.0.image.0" : field;
    const input = readImageInput(param, text);
    if (input.kind === "url") {
      checked.set(field, { source: input, inline: null });
    } else if (input.kind === "inline") {
      const facts = inspectImage(param, input.bytes);
      const sha256 = sha256Hex(input.bytes);
      const source = {
        kind: "stored",
        sha256,
        contentType: facts.contentType,
        bytes: input.bytes.byteLength,
      } as const;
      checked.set(field, { source, inline: { bytes: input.bytes, facts } });
    } else {
      const image = await findImage(bucket, imageKey(account, input.sha256));
      if (image === null) {
        throw new Refusal("image_not_found", {
          message: `${param}: no image with this id was uploaded with POST /v1/files.`,
          param,
        });
      }
      checked.set(field, { source: { kind: "stored", sha256: input.sha256, ...image }, inline: null });
    }
  }
  return checked;
}

/** The draft as an order, with its images named by what is in them. */
export function orderOf(draft: Draft, checked: CheckedImages): Order {
  const images: Order["images"] = {};
  for (const [field, { source }] of checked) images[field] = source;
  return { ...draft, images };
}

/** Whether an image came with the order itself, and would have to be kept. */
export function hasInline(checked: CheckedImages): boolean {
  return [...checked.values()].some(({ inline }) => inline !== null);
}

/** Keeps the inline images by their content. */
export async function keepImages(bucket: R2Bucket, account: string, checked: CheckedImages): Promise<void> {
  for (const { source, inline } of checked.values()) {
    if (inline !== null && source.kind === "stored") {
      await keepImage(bucket, imageKey(account, source.sha256), inline.bytes, inline.facts);
    }
  }
}
