/**
 * Calling a deploy hook: a POST without a body, which is what Netlify, Vercel, Cloudflare Pages and Workers Builds take.
 * The address is all that there is to know, so nothing but its host is in what came of it.
 */

import type { HookOutcome } from "../domain/deploy-hook.ts";
import { type PostAnswer, post, type Sender } from "./post.ts";

/**
 * Calls a hook once. Never rejects.
 * @param now epoch milliseconds.
 */
export async function callDeployHook(sender: Sender, url: string, now: number): Promise<HookOutcome> {
  const answer = await post(sender, { url }, now);
  const { status, durationMs, retryAfterMs } = answer;
  return { status, durationMs, retryAfterMs, ...judge(answer) };
}

function judge(answer: PostAnswer): Pick<HookOutcome, "error" | "verdict"> {
  const { status, isLate, location } = answer;
  if (status === null) {
    const error = isLate ? "No answer came in time." : "The hook could not be reached.";
    return { error, verdict: "again" };
  }
  if (status >= 200 && status < 300) return { error: null, verdict: "built" };
  if (status >= 300 && status < 400) {
    const host = location === null ? "" : `; this one leads to ${new URL(location).host}`;
    return { error: `Redirects are not followed${host}. Give the hook's own address.`, verdict: "refused" };
  }
  if (status === 404 || status === 410) {
    return { error: `There is no such hook any more: HTTP ${status}.`, verdict: "gone" };
  }
  const isPassing = status >= 500 || status === 408 || status === 425 || status === 429;
  return { error: `The hook answered HTTP ${status}.`, verdict: isPassing ? "again" : "refused" };
}
