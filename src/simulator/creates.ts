/*
 * A create on any wire, step by step: what stands in front of MiniMax, who calls, how often, what is asked,
 * whether the callback answers; then the task exists and is billed, and only the answer can still be lost.
 * MiniMax takes no idempotency key: every accepted POST is another video. What differs between the wires is what
 * they read and how they say things, and stands in a file for each.
 */
import { readKey } from "./access.ts";
import { garbage, proxyError } from "./answers.ts";
import { passesChallenge, pushEarly, schedulePushes, type Voice } from "./callbacks.ts";
import { ConnectionLost, hang, sleep } from "./connection.ts";
import { type Body, parseBody } from "./fields.ts";
import { admit } from "./limiter.ts";
import type { Wire } from "./scenario.ts";
import type { Order, Post, State, Task, Terms } from "./state.ts";

export type CreateWire<O extends Order> = {
  wire: Wire;
  voice: Voice;
  requestsPerMinute(state: State): number | null;
  /** Null where the wire knows no limit of unfinished tasks. */
  tasksInFlight(state: State): number | null;
  promptOf(body: Body): string;
  read(state: State, key: string, body: Body): { order: O } | { refusal: string };
  termsOf(order: O): Terms;
  accepted(task: Task): Response;
  refuse(code: number, sentence?: string): Response;
  /** A refusal that names a task. */
  contradict(task: Task, code: number): Response;
  /** An acceptance that names none. */
  nameless(): Response;
};

type Refused = { code: number; sentence?: string };

export async function create<O extends Order>(
  state: State,
  request: Request,
  wire: CreateWire<O>,
): Promise<Response> {
  const body = parseBody(await request.text());
  const post: Post = {
    wire: wire.wire,
    model: typeof body?.model === "string" ? body.model : "",
    prompt: body ? wire.promptOf(body) : "",
    refusedWith: null,
  };
  state.posts.push(post);
  const response = await decide(state, request, body, post, wire);
  if (response instanceof Response) return response;
  post.refusedWith = response.code;
  return wire.refuse(response.code, response.sentence);
}

async function decide<O extends Order>(
  state: State,
  request: Request,
  body: Body | undefined,
  post: Post,
  wire: CreateWire<O>,
): Promise<Response | Refused> {
  const { faults, settings } = state;
  const unknownWord = faults.readPrompt(post.prompt, wire.wire);
  if (faults.take("create-drop", post) !== undefined) throw new ConnectionLost();
  const status = faults.take("create-http", post);
  if (status !== undefined) return proxyError(Number(status));

  const access = readKey(request.headers.get("Authorization") ?? undefined, settings.keys);
  if ("code" in access) return access;
  if (!isAdmitted(state, access.key, wire)) return { code: 1002 };
  if (unknownWord) return { code: 2013, sentence: unknownWord.refusal };
  const code = faults.take("refuse", post);
  if (code !== undefined) return { code: Number(code) };
  if (!body) return { code: 2013, sentence: "the body is not a JSON object" };
  const verdict = wire.read(state, access.key, body);
  if ("refusal" in verdict) return { code: 2013, sentence: verdict.refusal };
  const { order } = verdict;
  if (isSensitive(order.prompt, settings.sensitiveWords)) return { code: 1026 };
  if (order.callbackUrl !== null && !faults.has("callback-unchecked", order)) {
    if (!(await passesChallenge(order.callbackUrl))) {
      return { code: 2013, sentence: "fail to check callback url" }; // the sentence was observed by third parties
    }
  }
  // Last, and with nothing between it and the acceptance: many may have waited for their receivers at once.
  const most = wire.tasksInFlight(state);
  if (most !== null && state.inFlight(access.key, wire.wire) >= most) return { code: 1002 };
  return accept(state, access.key, new URL(request.url).origin, order, wire);
}

async function accept<O extends Order>(
  state: State,
  key: string,
  origin: string,
  order: O,
  wire: CreateWire<O>,
): Promise<Response> {
  const { faults } = state;
  const task = state.accept(key, origin, order, wire.termsOf(order));
  const loss = faults.take("accept-then", order);
  const delayMs = Number(faults.find("create-delay", order) ?? 0);
  if (order.callbackUrl !== null) {
    if (faults.has("callback-early", order)) await pushEarly(state, task, wire.voice);
    schedulePushes(state, task, wire.voice);
  }
  if (delayMs > 0) await sleep(delayMs);
  return loss === undefined ? wire.accepted(task) : lose(loss, task, wire);
}

/** The ways in which the answer to an accepted create does not say so. */
function lose<O extends Order>(loss: string, task: Task, wire: CreateWire<O>): Response | Promise<Response> {
  if (loss === "drop") throw new ConnectionLost();
  if (loss === "hang") return hang();
  if (loss === "garbage") return garbage();
  if (loss === "empty-id") return wire.nameless();
  const contradiction = /^named-(\d+)$/.exec(loss)?.[1];
  if (contradiction !== undefined) return wire.contradict(task, Number(contradiction));
  return loss.length === 3 ? proxyError(Number(loss)) : wire.refuse(Number(loss));
}

function isAdmitted<O extends Order>(state: State, key: string, wire: CreateWire<O>): boolean {
  const perMinute = wire.requestsPerMinute(state);
  if (perMinute === null) return true;
  const place = `${wire.wire} ${key}`;
  const history = state.admitted.get(place) ?? [];
  state.admitted.set(place, history);
  return admit(history, state.now(), perMinute, state.settings.speed);
}

function isSensitive(prompt: string, words: string[]): boolean {
  const spoken = new Set(prompt.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  return words.some((word) => spoken.has(word.toLowerCase()));
}
