/** What docs/serving.md says is asked and answered, as rows; a table that cannot be read to the last word is an error. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Row = Readonly<{
  title: string;
  method: "GET" | "HEAD" | "OPTIONS";
  /** The name of an address: link, public, … */
  address: string;
  request: Readonly<Record<string, string>>;
  status: number;
  /** What each named header says; null: it is not there. */
  headers: Readonly<Record<string, string | null>>;
  body: string;
}>;

/** What an address is, and what the page's words mean there. */
export type Address = Readonly<{
  url: string;
  isPublished: boolean;
  values: Readonly<Record<string, string>>;
}>;
export type Answer = Readonly<{ status: number; headers: Headers; body: Uint8Array }>;

const page = readFileSync(fileURLToPath(new URL("../../docs/serving.md", import.meta.url)), "utf8");
const bodies = /^(?:all|none|(?:\d+|\{\w+\})-\{?\w+\}?|[a-z]+(?:_[a-z]+)+)$/;

/** What is saved under a name is saved under this: it has in it what a header cannot hold. */
export const savedName = /^\| `\{name\}` \| `(.+)` \|$/m.exec(page)?.[1] ?? "";

/** Under each heading its tables whose head begins so, as cells. */
function tablesOf(text: string, head: string): Map<string, string[][]> {
  const found = new Map<string, string[][]>();
  for (const part of text.split(/^## /m).slice(1)) {
    const heading = part.split("\n")[0] ?? "";
    const tables = part.split(/\n{2,}/).filter((block) => block.startsWith(head));
    if (tables.length === 0) continue;
    const rows = tables.flatMap((table) => table.trim().split("\n").slice(2));
    found.set(
      heading,
      rows.map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    );
  }
  return found;
}

/** `name: value` in code, or "no" before a name that is not to be there; anything else is not understood. */
function readHeaders(cell: string): Record<string, string | null> {
  const headers: Record<string, string | null> = {};
  const rest = cell.replace(/(no )?`([a-z-]+)(?:: ([^`]+))?`/g, (all, no, name, value) => {
    if ((no === undefined) === (value === undefined)) return all;
    headers[name] = value ?? null;
    return "";
  });
  if (rest.trim() !== "") throw new Error(`'${rest.trim()}' is no header`);
  return headers;
}

function readRow(heading: string, cells: readonly string[], titleBefore: string): Row {
  const [title = "", asked = "", status = "", headers = "", body = ""] = cells;
  const [, method, address, request] = /^`(GET|HEAD|OPTIONS) \{(\w+)\}`(.*)$/.exec(asked) ?? [];
  if (cells.length !== 5 || method === undefined || address === undefined) {
    throw new Error(`docs/serving.md, ${heading}: this row has no request: ${cells.join(" | ")}`);
  }
  if (!/^[2-5]\d\d$/.test(status)) throw new Error(`docs/serving.md, ${heading}: '${status}' is no status`);
  if (!bodies.test(body)) throw new Error(`docs/serving.md, ${heading}: '${body}' is no body`);
  const sent = readHeaders(request ?? "");
  if (Object.values(sent).includes(null))
    throw new Error(`docs/serving.md: ${asked} names a header it does not send`);
  return {
    title: title === "" ? titleBefore : title,
    method: method as Row["method"],
    address,
    request: sent as Record<string, string>,
    status: Number(status),
    headers: readHeaders(headers),
    body,
  };
}

/** The rows under each heading. */
export function readRows(text = page): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const [heading, cells] of tablesOf(text, "| what |")) {
    let title = "";
    rows.set(
      heading,
      cells.map((one) => {
        const row = readRow(heading, one, title);
        title = row.title;
        return row;
      }),
    );
    if (cells.length === 0) throw new Error(`docs/serving.md, ${heading}: the table is empty`);
  }
  return rows;
}

/** What an answer has whatever was asked, by its kind and its address's. */
function readKinds(text = page) {
  const kinds = [...tablesOf(text, "| answer |").values()].flat();
  return kinds.map(([kind = "", link = "", published = ""]) => {
    const statuses = {
      "200, 206": /^20[06]$/,
      "304": /^304$/,
      "4xx": /^4/,
      "all of these": /^(?:20[06]|304|4..)$/,
    }[kind];
    if (statuses === undefined) throw new Error(`docs/serving.md: '${kind}' is no kind of answer`);
    return { statuses, link: readHeaders(link), published: readHeaders(published) };
  });
}
export const kinds = readKinds();

/** Puts an address's values for the words in a text; a word that means nothing there is an error. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (word, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`docs/serving.md: ${word} means nothing here`);
    return value;
  });
}

/** Every header that the row's answer is to have, its own before its kind's. */
export function headersOf(row: Row, { isPublished, values }: Address): Record<string, string | null> {
  const ofKind = kinds
    .filter(({ statuses }) => statuses.test(String(row.status)))
    .map(({ link, published }) => (isPublished ? published : link));
  const all = Object.assign({}, ...ofKind, row.headers) as Record<string, string | null>;
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, value === null ? null : fill(value, values)]),
  );
}

/** The bytes that the row's answer is to have; null: a refusal in JSON. */
function bytesOf(row: Row, { values }: Address, file: Uint8Array): Uint8Array | null {
  if (row.body === "all") return file;
  if (row.body === "none") return new Uint8Array();
  const [, from, to] = /^(\d+)-(\d+)$/.exec(fill(row.body, values)) ?? [];
  return from === undefined ? null : file.subarray(Number(from), Number(to) + 1);
}

export const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What the row promises of an answer, in the form in which `toldOf` tells what came. */
export function promisedBy(row: Row, address: Address, file: Uint8Array) {
  const bytes = bytesOf(row, address, file);
  return {
    status: row.status,
    headers: headersOf(row, address),
    body: bytes === null ? row.body : { bytes: bytes.byteLength, sha256: sha256Of(bytes) },
  };
}

export function toldOf(answer: Answer, row: Row, address: Address) {
  const names = Object.keys(headersOf(row, address));
  const isRefusal = /_/.test(row.body) && !/-/.test(row.body);
  return {
    status: answer.status,
    headers: Object.fromEntries(names.map((name) => [name, answer.headers.get(name)])),
    body: isRefusal ? codeIn(answer.body) : { bytes: answer.body.byteLength, sha256: sha256Of(answer.body) },
  };
}

function codeIn(body: Uint8Array): string {
  const told = JSON.parse(new TextDecoder().decode(body)) as { error: { code: string } };
  return told.error.code;
}
