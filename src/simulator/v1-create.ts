/*
 * POST /v1/video_generation, step by step: what stands in front of MiniMax, who calls, how often, what is asked,
 * whether the callback answers; then the task exists and is billed, and only the answer can still be lost.
 * MiniMax takes no idempotency key: every accepted POST is another video.
 */
import { readKey } from "./access.ts";
import { answer, garbage, invalidParams, proxyError, refuse } from "./answers.ts";
import { passesChallenge, pushEarly, schedulePushes } from "./callbacks.ts";
import { baseResp } from "./codes.ts";
import { ConnectionLost, hang, sleep } from "./connection.ts";
import { admit } from "./limiter.ts";
import { type Body, type Order, readOrder } from "./order.ts";
import type { Post, State, Task } from "./state.ts";

export async function create(state: State, text: string, authorization?: string): Promise<Response> {
  const body = parse(text);
  const post: Post = {
    model: typeof body?.model === "string" ? body.model : "",
    prompt: typeof body?.prompt === "string" ? body.prompt : "",
    refusedWith: null,
  };
  state.posts.push(post);
  const response = await decide(state, body, post, authorization);
  if (response instanceof Response) return response;
  post.refusedWith = response.code;
  if (response.code === 2013 && response.sentence) return invalidParams(response.sentence);
  return refuse(response.code);
}

type Refused = { code: number; sentence?: string };

async function decide(
  state: State,
  body: Body | undefined,
  post: Post,
  authorization?: string,
): Promise<Response | Refused> {
  const { faults, settings } = state;
  const unknownWord = faults.readPrompt(post.prompt);
  if (faults.take("create-drop", post) !== undefined) throw new ConnectionLost();
  const status = faults.take("create-http", post);
  if (status !== undefined) return proxyError(Number(status));

  const access = readKey(authorization, settings.keys);
  if ("code" in access) return access;
  if (!isAdmitted(state, access.key)) return { code: 1002 };
  if (unknownWord) return { code: 2013, sentence: unknownWord.refusal };
  const code = faults.take("refuse", post);
  if (code !== undefined) return { code: Number(code) };
  if (!body) return { code: 2013, sentence: "the body is not a JSON object" };
  const verdict = readOrder(body);
  if ("refusal" in verdict) return { code: 2013, sentence: verdict.refusal };
  const { order } = verdict;
  if (isSensitive(order.prompt, settings.sensitiveWords)) return { code: 1026 };
  if (order.callbackUrl !== null && !faults.has("callback-unchecked", order)) {
    if (!(await passesChallenge(order.callbackUrl))) {
      return { code: 2013, sentence: "fail to check callback url" }; // the sentence was observed by third parties
    }
  }
  return accept(state, access.key, order);
}

async function accept(state: State, key: string, order: Order): Promise<Response> {
  const { faults } = state;
  const task = state.accept(key, order);
  const loss = faults.take("accept-then", order);
  const delayMs = Number(faults.find("create-delay", order) ?? 0);
  if (order.callbackUrl !== null) {
    if (faults.has("callback-early", order)) await pushEarly(state, task);
    schedulePushes(state, task);
  }
  if (delayMs > 0) await sleep(delayMs);
  return loss === undefined ? accepted(task) : lose(loss, task);
}

const accepted = (task: Task) => answer({ task_id: task.id, base_resp: baseResp(0) });

/** The ways in which the answer to an accepted create does not say so. */
function lose(loss: string, task: Task): Response | Promise<Response> {
  if (loss === "drop") throw new ConnectionLost();
  if (loss === "hang") return hang();
  if (loss === "garbage") return garbage();
  const contradiction = /^named-(\d+)$/.exec(loss)?.[1];
  if (contradiction !== undefined) {
    return answer({ task_id: task.id, base_resp: baseResp(Number(contradiction)) });
  }
  if (loss === "empty-id") return answer({ base_resp: baseResp(0) });
  return loss.length === 3 ? proxyError(Number(loss)) : refuse(Number(loss));
}

function isAdmitted({ settings, admitted, now }: State, key: string): boolean {
  if (settings.requestsPerMinute === null) return true;
  const history = admitted.get(key) ?? [];
  admitted.set(key, history);
  return admit(history, now(), settings.requestsPerMinute, settings.speed);
}

function isSensitive(prompt: string, words: string[]): boolean {
  const spoken = new Set(prompt.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  return words.some((word) => spoken.has(word.toLowerCase()));
}

function parse(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}
