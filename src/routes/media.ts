/** The images, videos and sounds of an order: read and checked before anything is kept, kept before anything is admitted. */

import { sha256Hex } from "../domain/hash.ts";
import { mediaKey } from "../domain/ids.ts";
import { checkImage, inspectImage } from "../domain/image.ts";
import {
  clipLimits,
  clipSeconds,
  inspectAudio,
  inspectVideo,
  kindOfContent,
  type MediaKind,
  readMediaInput,
  refuseMedia,
} from "../domain/media.ts";
import type { ModelRow } from "../domain/models.ts";
import {
  type Draft,
  type ImageSource,
  imageFields,
  type MediaField,
  type Order,
  type ReferenceField,
} from "../domain/order.ts";
import { Refusal } from "../errors.ts";
import { findMedia, keepMedia, type MediaFacts } from "../ports/bucket.ts";
import type { Picture } from "./app-env.ts";

type Inline = { bytes: Uint8Array; facts: MediaFacts };
type Checked = { source: ImageSource; inline: Inline | null };
export type CheckedMedia = Readonly<{
  images: ReadonlyMap<(typeof imageFields)[number], Checked>;
  references: readonly Readonly<{ field: ReferenceField; checked: Checked }>[];
}>;

const kinds: Record<MediaField, MediaKind> = {
  first_frame_image: "image",
  last_frame_image: "image",
  subject_reference: "image",
  reference_images: "image",
  reference_videos: "video",
  reference_audio: "audio",
};

/** MiniMax takes bodies of 64 MB, and does not say of which: what it refused without a code nobody could tell from a loss. */
const maxProviderBytes = 64_000_000;

/**
 * Checks whatever a draft shows to MiniMax; nothing is stored.
 * @param picture what came beside the draft, which names it as if it were kept already.
 * @throws Refusal naming the field and what is accepted.
 */
export async function checkMedia(
  bucket: R2Bucket,
  account: string,
  draft: Draft,
  row: ModelRow,
  picture: Picture | undefined,
): Promise<CheckedMedia> {
  const check = (param: string, field: MediaField, text: string) =>
    checkOne(bucket, account, row, { param, kind: kinds[field], text, picture });
  const images = new Map<(typeof imageFields)[number], Checked>();
  for (const field of imageFields) {
    const text = draft.images[field];
    if (text === undefined) continue;
    images.set(
      field,
      await check(field === "subject_reference" ? "subject_reference.0.image.0" : field, field, text),
    );
  }
  const references: { field: ReferenceField; checked: Checked }[] = [];
  for (const { field, source } of draft.v2?.references ?? []) {
    const index = references.filter((one) => one.field === field).length;
    references.push({ field, checked: await check(`${field}.${index}`, field, source) });
  }
  const media = { images, references };
  if (row.wire === "v2") checkTogether(draft, media);
  return media;
}

async function checkOne(
  bucket: R2Bucket,
  account: string,
  row: ModelRow,
  about: { param: string; kind: MediaKind; text: string; picture: Picture | undefined },
): Promise<Checked> {
  const { param, kind, text, picture } = about;
  const named = readMediaInput(param, text, kind, kind === "image" ? row.images : clipLimits[kind]);
  const isPicture = named.kind === "uploaded" && named.sha256 === picture?.sha256;
  const input = isPicture ? { kind: "inline" as const, bytes: picture.bytes } : named;
  if (input.kind === "url") return { source: input, inline: null };
  if (input.kind === "inline") {
    const { bytes } = input;
    const facts = inspect(param, kind, bytes, row);
    return { source: storedOf(sha256Hex(bytes), bytes.byteLength, facts), inline: { bytes, facts } };
  }
  const found = await findMedia(bucket, mediaKey(account, input.sha256, kind));
  if (found === null) {
    const what = { image: "image", video: "video", audio: "sound" }[kind];
    throw new Refusal(kind === "image" ? "image_not_found" : "media_not_found", {
      message: `${param}: no ${what} with this id was uploaded with POST /v1/files.`,
      param,
    });
  }
  const { bytes, facts } = found;
  // An upload is taken if any model takes it. Of one that was kept before sizes were, its first check must do.
  if ("width" in facts && kind === "image") checkImage(param, { bytes, ...facts }, row.images);
  return { source: storedOf(input.sha256, bytes, facts), inline: null };
}

function inspect(param: string, kind: MediaKind, bytes: Uint8Array, row: ModelRow): MediaFacts {
  if (kind === "image") return inspectImage(param, bytes, row.images);
  return kind === "video" ? inspectVideo(param, bytes) : inspectAudio(param, bytes);
}

function storedOf(sha256: string, bytes: number, facts: MediaFacts): ImageSource {
  const { contentType } = facts;
  const length = "seconds" in facts ? { seconds: facts.seconds } : {};
  return { kind: "stored", sha256, contentType, bytes, ...length };
}

/** What holds for all of it together: the seconds of a kind, and what MiniMax takes in one body. */
function checkTogether(draft: Draft, media: CheckedMedia): void {
  for (const field of ["reference_videos", "reference_audio"] as const) {
    const seconds = media.references
      .filter((one) => one.field === field)
      .reduce((sum, { checked: { source } }) => sum + (("seconds" in source && source.seconds) || 0), 0);
    if (seconds <= clipSeconds.mostTogether) continue;
    throw refuseMedia(
      kinds[field],
      field,
      `they last ${Number(seconds.toFixed(2))} seconds together; at most ${clipSeconds.mostTogether} are accepted`,
    );
  }
  const all = [
    ...[...media.images].map(([field, checked]) => ({ field, checked })),
    ...media.references,
  ] as const;
  const size = (source: ImageSource) =>
    source.kind === "url" ? new TextEncoder().encode(source.url).byteLength : 4 * Math.ceil(source.bytes / 3);
  const envelope = 8192 + new TextEncoder().encode(JSON.stringify(draft.prompt)).byteLength;
  const sum = all.reduce((bytes, { checked }) => bytes + size(checked.source) + 128, envelope);
  if (sum <= maxProviderBytes) return;
  const largest = all.reduce((one, other) =>
    size(other.checked.source) > size(one.checked.source) ? other : one,
  );
  throw refuseMedia(
    kinds[largest.field],
    largest.field,
    `what is kept for this order makes ${(sum / 1_000_000).toFixed(1)} MB in base64, and MiniMax takes 64 MB; give the largest as a public URL`,
  );
}

/** The draft as an order, with all that it shows named by what is in it. */
export function orderOf(draft: Draft, { images, references }: CheckedMedia): Order {
  const { v2, ...wanted } = draft;
  const sources: Order["images"] = {};
  for (const [field, { source }] of images) sources[field] = source;
  const order = { ...wanted, images: sources };
  if (v2 === undefined) return order;
  const named = references.map(({ field, checked: { source } }) => ({ field, source }));
  return { ...order, v2: { ...v2, references: named } };
}

function allOf({ images, references }: CheckedMedia): Checked[] {
  return [...images.values(), ...references.map(({ checked }) => checked)];
}

/** Whether something came with the order itself, and would have to be kept. */
export function hasInline(media: CheckedMedia): boolean {
  return allOf(media).some(({ inline }) => inline !== null);
}

/** Keeps what came inline, by its content. */
export async function keepInline(bucket: R2Bucket, account: string, media: CheckedMedia): Promise<void> {
  for (const { source, inline } of allOf(media)) {
    if (inline === null || source.kind !== "stored") continue;
    const key = mediaKey(account, source.sha256, kindOfContent(source.contentType));
    await keepMedia(bucket, key, inline.bytes, inline.facts);
  }
}
