/**
 * What a task asks of MiniMax, whichever of its wires the model speaks: post a create, ask how it is doing, find the
 * address of its file, let go of what has not begun. Each wire says the same things in its own words, and what they
 * mean for the task is its caller's matter.
 */

import type { MediaField, Order } from "../../domain/order.ts";
import type { Usage } from "../../domain/price.ts";
import type { ProviderStatus } from "../../domain/task.ts";
import type { OutcomeCode, ProviderAnswer } from "../../errors.ts";
import type { Body, OpenMedia } from "./body.ts";

export type MiniMax = Readonly<{
  fetch: (request: Request) => Promise<Response>;
  baseUrl: string;
  apiKey: string;
  /** How long an answer may take, body included. Creates check callbacks (3 s) before they answer. */
  createTimeoutMs: number;
  askTimeoutMs: number;
  /** Told when a question, which costs nothing, is refused for pace (1002 and its kin). */
  onTooFast: (statusCode: number) => void;
}>;

export type CreateAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "accepted"; providerTaskId: string }
    | { kind: "refused"; code: OutcomeCode; provider: ProviderAnswer }
    | { kind: "deferred"; provider: ProviderAnswer }
    | { kind: "callbackRefused"; provider: ProviderAnswer }
    /** The request could not be built: nothing left this process. */
    | { kind: "notSent"; reason: string }
    /** Sent, and no answer that proves anything; a provider task that it names all the same is worth asking after. */
    | { kind: "lost"; reason: string; candidate: string | null }
  )
>;

export type QueryAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "pending"; providerStatus: ProviderStatus }
    /** Sizes are 0, and the usage null, where the wire does not tell. */
    | { kind: "success"; providerFileId: string; width: number; height: number; usage: Usage | null }
    | { kind: "fail"; code: OutcomeCode; provider: ProviderAnswer }
    /** It was cancelled in MiniMax's queue, by us or by somebody else. */
    | { kind: "cancelled" }
    /** It will not be made any more, and nothing says whether it was charged. */
    | { kind: "expired" }
    | { kind: "unknownTask" }
    | { kind: "trouble"; reason: string }
  )
>;

export type FileAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "url"; url: string }
    | { kind: "unknownFile" }
    | { kind: "trouble"; reason: string }
  )
>;

export type CancelAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "cancelled" }
    /** It has begun, or is over and its record is kept. */
    | { kind: "refused"; provider: ProviderAnswer }
    /** It was over, and its record is deleted: the last word that MiniMax will say of it. */
    | { kind: "deleted"; status: string }
    | { kind: "trouble"; reason: string }
  )
>;

/** A task that MiniMax lists, as far as it tells whose it could be. */
export type ListedTask = Readonly<{
  id: string;
  model: string;
  resolution: string;
  duration: number;
  createdAt: number;
}>;
export type ListAnswer = Readonly<
  { traceId: string | null } & (
    | { kind: "listed"; tasks: readonly ListedTask[] }
    | { kind: "trouble"; reason: string }
  )
>;

/** None of these throws, and none repeats a request. */
export type Wire = Readonly<{
  /**
   * Builds the body of a create, or tells why it cannot be built: then nothing was sent.
   * @param callbackUrl with its secret in it; null asks for no callbacks.
   */
  buildBody(
    order: Order,
    callbackUrl: string | null,
    openMedia: OpenMedia,
  ): Promise<Body | { missing: MediaField }>;
  /**
   * Posts a create, once.
   * @param withCallback whether the body asks for callbacks: then a 2013 about them is told apart.
   */
  create(minimax: MiniMax, body: BodyInit, withCallback: boolean): Promise<CreateAnswer>;
  query(minimax: MiniMax, providerTaskId: string): Promise<QueryAnswer>;
  /** Asks for a fresh address of a finished video. */
  findFile(minimax: MiniMax, providerFileId: string): Promise<FileAnswer>;
  /** What only one of the wires has. */
  queue: Readonly<{
    cancel(minimax: MiniMax, providerTaskId: string): Promise<CancelAnswer>;
    /** The tasks of a model under our key, the newest hundred of them. */
    list(minimax: MiniMax, model: string): Promise<ListAnswer>;
  }> | null;
}>;
