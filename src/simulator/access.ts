/*
 * Who is calling. Without a key MiniMax says 1004, with a wrong one 2049 (both documented; the sentences were
 * observed by third parties). The key is what tasks belong to: another key's task is as unknown as none.
 */

export type Access = { key: string } | { code: 1004 | 2049 };

export function readKey(authorization: string | undefined, keys: string[]): Access {
  const key = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? "")?.[1];
  if (key === undefined) return { code: 1004 };
  return keys.includes(key) ? { key } : { code: 2049 };
}
