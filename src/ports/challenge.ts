/**
 * Whether an address is one that wants to be called: it is sent a challenge and gives it back, as MiniMax asks of a
 * `callback_url` (POST {"challenge": …}, the same value as JSON within 3 s). Redirects are not followed.
 */

import { readText } from "./answer-text.ts";

export type Challenger = Readonly<{
  fetch(request: Request): Promise<Response>;
  /** For the whole of it, the answer's body included. */
  timeoutMs: number;
}>;

/** Room for the challenge in an object, and for some more that a receiver may say. */
const maxAnswerBytes = 16 * 1024;

/** True if the address gave the challenge back in time. What went wrong otherwise is nobody's business but its own. */
export async function passesChallenge(
  challenger: Challenger,
  url: string,
  challenge: string,
): Promise<boolean> {
  const signal = AbortSignal.timeout(challenger.timeoutMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  try {
    return await Promise.race([answersWith(challenger, url, challenge, signal), late]);
  } catch {
    return false;
  }
}

async function answersWith(
  challenger: Challenger,
  url: string,
  challenge: string,
  signal: AbortSignal,
): Promise<boolean> {
  const request = new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "filmgate/1" },
    body: JSON.stringify({ challenge }),
    redirect: "manual",
    signal,
  });
  const response = await challenger.fetch(request);
  const text = await readText(response, maxAnswerBytes);
  if (!response.ok) return false;
  const answer: unknown = JSON.parse(text);
  return typeof answer === "object" && answer !== null && "challenge" in answer
    ? answer.challenge === challenge
    : false;
}
