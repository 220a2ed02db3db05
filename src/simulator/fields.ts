/*
 * What the creates of both wires have in common: a body of JSON, a field that is there or not, a callback's
 * address, and a way to say no from deep inside.
 */

export type Body = Record<string, unknown>;

/** Thrown while a body is read; its message is the sentence of a 2013. */
export class Refusal extends Error {
  /** A refusal as a value; anything else that was thrown goes on. */
  static read(error: unknown): { refusal: string } {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
  }
}

export const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "";

export const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function parseBody(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

export function readCallbackUrl(body: Body): string | null {
  if (!isGiven(body.callback_url)) return null;
  const url = typeof body.callback_url === "string" ? URL.parse(body.callback_url) : null;
  // The real service refuses loopback and private addresses as well; on a desk they are all there is.
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refusal("fail to check callback url");
  return url.href;
}
