/**
 * What an order is, as it is written: its canonical form, which stands in the lock for people to read, and the key
 * under which it stands there. Pictures, films and sounds are known by what is in them. Nothing is asked for it, so
 * that a build which has everything needs no network; the server's fingerprint tells beyond that which orders,
 * differently written, are the same.
 */

import type { CreateVideoRequest, PublishRequest, SubjectReference } from "../../contract.ts";

/**
 * What an order shows: a public URL, a data URL, bare base64 or an upload's id, as the contract has it; besides, its
 * bytes, or a file: its `file:` URL, or its path, which begins with `./`, `../` or `/` and is told relative to the lock.
 */
export type OrderMedia = string | URL | Uint8Array | ArrayBuffer | Blob;

type MediaField =
  | "first_frame_image"
  | "last_frame_image"
  | "subject_reference"
  | "reference_images"
  | "reference_videos"
  | "reference_audio";

/** An order that is to be there: all fields of a create, with files and bytes where it takes an id. */
export type EnsureOrder = Omit<CreateVideoRequest, MediaField | "dry_run" | "publish"> & {
  first_frame_image?: OrderMedia | undefined;
  last_frame_image?: OrderMedia | undefined;
  subject_reference?: (Omit<SubjectReference, "image"> & { image: OrderMedia[] })[] | undefined;
  reference_images?: OrderMedia[] | undefined;
  reference_videos?: OrderMedia[] | undefined;
  reference_audio?: OrderMedia[] | undefined;
  /** For this order, before what the call says. */
  publish?: PublishRequest | false | null | undefined;
};

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** An order's canonical form: what makes it another video, with media as `sha256:…`, or as their address. */
export type LockedOrder = { readonly model?: Json; readonly prompt?: Json; readonly [field: string]: Json };

/** What changes nothing about the video. All other fields do, also those which this version does not know. */
const besideTheVideo: ReadonlySet<string> = new Set([
  ...["dry_run", "n", "max_cost_usd", "metadata", "retention_days"],
  ...["publish", "webhook_url", "deploy_hook_url"],
]);

/** Where an order shows something, with what it shows put by `change`: called in the order of the fields. */
export async function mapMedia<T>(
  order: Readonly<Record<string, unknown>>,
  change: (media: unknown, param: string) => Promise<T>,
): Promise<Record<string, unknown>> {
  const all = (list: unknown, param: string) =>
    Array.isArray(list)
      ? Promise.all(list.map((media, index) => change(media, `${param}.${index}`)))
      : Promise.resolve(list);
  const mapped: Record<string, unknown> = { ...order };
  for (const field of ["first_frame_image", "last_frame_image"]) {
    if (order[field] != null) mapped[field] = await change(order[field], field);
  }
  for (const field of ["reference_images", "reference_videos", "reference_audio"]) {
    if (order[field] != null) mapped[field] = await all(order[field], field);
  }
  const { subject_reference: subjects } = order;
  if (Array.isArray(subjects)) {
    mapped.subject_reference = await Promise.all(
      subjects.map(async (subject, index) =>
        Array.isArray(subject?.image)
          ? { ...subject, image: await all(subject.image, `subject_reference.${index}.image`) }
          : subject,
      ),
    );
  }
  return mapped;
}

/**
 * The canonical form of an order whose media are texts already: fields in alphabetical order, without those that are
 * left out or change nothing about the video.
 */
export function canonicalOrder(order: Readonly<Record<string, unknown>>): LockedOrder {
  const telling = Object.entries(order).filter(
    ([field, value]) => !besideTheVideo.has(field) && value != null,
  );
  return sorted(JSON.parse(JSON.stringify(Object.fromEntries(telling))) as Json) as LockedOrder;
}

/** The key of a canonical order in the lock: 128 bits of its SHA-256, in hex. */
export async function keyOfOrder(order: LockedOrder): Promise<string> {
  return (await sha256Hex(new TextEncoder().encode(JSON.stringify(sorted(order))))).slice(0, 32);
}

/**
 * How media that stand in an order as text are known: an address as it is, all else by its content, so that a data
 * URL, its base64 and its upload are one. Text of no known form stands as it is, for the server to refuse.
 */
export async function canonicalText(text: string): Promise<string> {
  const [, uploaded] = /^(?:image|video|audio)_([0-9a-f]{64})$/.exec(text) ?? [];
  if (uploaded !== undefined) return `sha256:${uploaded}`;
  if (/^https?:\/\//i.test(text)) return text;
  const label = /^data:[^,]*?;base64,/i.exec(text.slice(0, 256))?.[0] ?? "";
  const bytes = bytesOfBase64(text.slice(label.length));
  return bytes === null ? text : `sha256:${await sha256Hex(bytes)}`;
}

/** With the members of every object in alphabetical order: the same content is the same text. */
export function sorted(json: Json): Json {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(sorted);
  const members = Object.entries(json as { readonly [name: string]: Json });
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, value]) => [name, sorted(value)]));
}

export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64OfBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 32_766) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_766));
  }
  return btoa(text);
}

function bytesOfBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/_\s-]+={0,2}\s*$/.test(text)) return null;
  try {
    const standard = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
