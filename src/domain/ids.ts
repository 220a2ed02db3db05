/**
 * Names of things: a task, its file with the same suffix, and where their bytes lie in the bucket.
 * Suffixes are 130 random bits in Crockford's base 32, so that a guess finds nothing.
 */

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const suffixCharacters = 26;
const suffixPattern = new RegExp(`^[${alphabet}]{${suffixCharacters}}$`);

/** Spells random bytes, five bits of each. */
export function spell(random: Uint8Array): string {
  return Array.from(random, (byte) => alphabet[byte % 32]).join("");
}

/** Names a task from 26 random bytes. */
export function taskIdFrom(random: Uint8Array): string {
  return `task_${spell(random.subarray(0, suffixCharacters))}`;
}

export function isTaskId(text: string): boolean {
  return text.startsWith("task_") && suffixPattern.test(text.slice(5));
}

export function isFileId(text: string): boolean {
  return text.startsWith("file_") && suffixPattern.test(text.slice(5));
}

/** Names a ticket from 26 random bytes. */
export function ticketIdFrom(random: Uint8Array): string {
  return `ticket_${spell(random.subarray(0, suffixCharacters))}`;
}

export function isTicketId(text: string): boolean {
  return text.startsWith("ticket_") && suffixPattern.test(text.slice(7));
}

/** Names a webhook's message from 26 random bytes; letters and digits, since the name is part of what is signed. */
export function messageIdFrom(random: Uint8Array): string {
  return `msg_${spell(random.subarray(0, suffixCharacters))}`;
}

/** Names a deploy hook from 26 random bytes: its address is a secret, and names it nowhere. */
export function hookIdFrom(random: Uint8Array): string {
  return `hook_${spell(random.subarray(0, suffixCharacters))}`;
}

export function fileIdOf(taskId: string): string {
  return `file_${taskId.slice(5)}`;
}

export function taskIdOf(fileId: string): string {
  return `task_${fileId.slice(5)}`;
}

const keyPattern = /^mql_(?:pk_)?([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)_([0-9a-z]{40})$/;

/** Writes an API key from 40 random bytes; publishable ones are told by their `pk_`. */
export function apiKeyFrom(account: string, kind: "secret" | "publishable", random: Uint8Array): string {
  const mark = kind === "publishable" ? "pk_" : "";
  return `mql_${mark}${account}_${spell(random.subarray(0, 40))}`;
}

/** The account that an API key names, or null if the text has not the form of a key. */
export function accountOfKey(key: string): string | null {
  const account = keyPattern.exec(key)?.[1] ?? null;
  return account === null || !isAccountName(account) ? null : account;
}

/** 1 to 40 lower-case letters, digits and inner hyphens; `pk` is reserved for publishable keys. */
export function isAccountName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text) && text !== "pk";
}

/** The name of the object that knows which accounts exist: no account name has an underscore. */
export const directoryName = "_directory";

/** The name of the first wire's pacer: all accounts share MiniMax's key, and its limits. */
export const pacerName = "minimax";
/** The pacers by wire: MiniMax's limits differ, and a refusal on one says nothing of the other. */
export const pacerNames = { v1: pacerName, v2: "minimax-v2" } as const;

export function isPacerName(name: string): boolean {
  return Object.values(pacerNames).some((known) => known === name);
}

/** The finished video's key in the bucket. */
export function videoKey(fileId: string): string {
  return `videos/${fileId}.mp4`;
}

/** The key of the picture that stands for a published video: one for each, whatever type it has. */
export function posterKey(fileId: string): string {
  return `posters/${fileId}`;
}

/** The key of a published video's manifest. */
export function manifestKey(fileId: string): string {
  return `published/${fileId}.json`;
}

/** Where a published video is, for as long as it is published. */
export function publicPath(fileId: string): string {
  return `/v/${fileId}.mp4`;
}

/** Its player page. */
export function pagePath(fileId: string): string {
  return `/v/${fileId}`;
}

/** Its poster. */
export function posterPath(fileId: string): string {
  return `/v/${fileId}/poster`;
}

/** A kept image's key: by content, apart for each account. */
export function imageKey(account: string, sha256: string): string {
  return `images/${account}/${sha256}`;
}

/** The key of whatever an order shows: videos and sounds to go by are kept beside the images. */
export function mediaKey(account: string, sha256: string, kind: "image" | "video" | "audio"): string {
  return kind === "image" ? imageKey(account, sha256) : `references/${account}/${sha256}`;
}

/** The path that a link signs. */
export function filePath(fileId: string): string {
  return `/files/${fileId}.mp4`;
}

/** The file that such a path names, or null. */
export function fileIdIn(path: string): string | null {
  const name = /^\/files\/(\w+)\.mp4$/.exec(path)?.[1] ?? "";
  return isFileId(name) ? name : null;
}
