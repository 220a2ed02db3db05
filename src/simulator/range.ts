/*
 * The Range header, one range of bytes; pure. Anything else that a server may ignore (several ranges, other
 * units, nonsense) is ignored, and the whole file is sent (RFC 9110, 14.2).
 */

export type Range = { first: number; last: number };

export function readRange(header: string | null, size: number): Range | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, from = "", to = ""] = match ?? [];
  if (!match || (from === "" && to === "")) return undefined;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = Math.min(to === "" ? size - 1 : Number(to), size - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= size ? "unsatisfiable" : { first, last };
}
