/**
 * Holds the schemas that the routes parse and describe equal to contract.ts, in both directions. Nothing here runs:
 * the compiler is the test, and a line that is no longer true does not compile.
 */

import type { z } from "@hono/zod-openapi";
import type * as contract from "../src/contract.ts";
import type * as accountSchemas from "../src/routes/account-schemas.ts";
import type * as deployHookSchemas from "../src/routes/deploy-hook-schemas.ts";
import type * as openAISchemas from "../src/routes/dialects/openai-schemas.ts";
import type * as errorSchemas from "../src/routes/error-schemas.ts";
import type * as modelSchemas from "../src/routes/model-schemas.ts";
import type * as orderSchemas from "../src/routes/order-schemas.ts";
import type * as publicationSchemas from "../src/routes/publication-schemas.ts";
import type * as ticketSchemas from "../src/routes/ticket-schemas.ts";
import type * as uploadSchemas from "../src/routes/upload-schemas.ts";
import type * as videoSchemas from "../src/routes/video-schemas.ts";
import type * as webhookSchemas from "../src/routes/webhook-schemas.ts";

type Schemas = typeof orderSchemas &
  typeof videoSchemas &
  typeof publicationSchemas &
  typeof modelSchemas &
  typeof uploadSchemas &
  typeof errorSchemas &
  typeof openAISchemas &
  typeof accountSchemas &
  typeof ticketSchemas &
  typeof webhookSchemas &
  typeof deployHookSchemas;

/** True only for the very same type: optional, nullable and readonly count, and so does `any`. */
type Equal<A, B> =
  (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false;
/** Writes intersections out, all the way down, so that only what a value may be is compared. */
type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
type Infer<Name extends keyof Schemas> = Schemas[Name] extends z.ZodType ? z.infer<Schemas[Name]> : never;

type Row<Schema extends keyof Schemas, Contract> = [Schema, Equal<Infer<Schema>, Contract>];

/** One row for each schema, all of them true. */
export type Proven = Expect<
  | Row<"mode", contract.VideoMode>
  | Row<"resolutionName", contract.ResolutionName>
  | Row<"ratioOrAdaptive", contract.Ratio | "adaptive">
  | Row<"promptExpansion", contract.PromptExpansion>
  | Row<"videoStatus", contract.VideoStatus>
  | Row<"createVideoRequest", contract.CreateVideoRequest>
  | Row<"baseResponse", contract.BaseResponse>
  | Row<"publishRequest", contract.PublishRequest>
  | Row<"publication", contract.Publication>
  | Row<"oembedResponse", contract.OEmbedResponse>
  | Row<"unpublishResponse", contract.UnpublishResponse>
  | Row<"createVideoResponse", contract.CreateVideoResponse>
  | Row<"dryRunResponse", contract.DryRunResponse>
  | Row<"queryVideoResponse", contract.QueryVideoResponse>
  | Row<"downloadVideoResponse", contract.DownloadVideoResponse>
  | Row<"video", contract.Video>
  | Row<"visitorVideo", contract.VisitorVideo>
  | Row<"openAICreateVideoRequest", contract.OpenAICreateVideoRequest>
  | Row<"openAICreateVideoResponse", contract.OpenAICreateVideoResponse>
  | Row<"createTicketRequest", contract.CreateTicketRequest>
  | Row<"createdTicket", contract.CreatedTicket>
  | Row<"videoEvent", contract.VideoEvent>
  | Row<"deleteVideoResponse", contract.DeleteVideoResponse>
  | Row<"listModelsResponse", contract.ListModelsResponse>
  | Row<"uploadedImage", contract.UploadedImage>
  | Row<"uploadedVideo", contract.UploadedVideo>
  | Row<"uploadedAudio", contract.UploadedAudio>
  | Row<"uploadedFile", contract.UploadedFile>
  | Row<"listVideosResponse", contract.ListVideosResponse>
  | Row<"cost", contract.Cost>
  | Row<"usageResponse", contract.UsageResponse>
  | Row<"createKeyRequest", contract.CreateKeyRequest>
  | Row<"changeKeyRequest", contract.ChangeKeyRequest>
  | Row<"apiKey", contract.ApiKey>
  | Row<"createdApiKey", contract.CreatedApiKey>
  | Row<"listKeysResponse", contract.ListKeysResponse>
  | Row<"account", contract.Account>
  | Row<"createAccountRequest", contract.CreateAccountRequest>
  | Row<"changeAccountRequest", contract.ChangeAccountRequest>
  | Row<"listAccountsResponse", contract.ListAccountsResponse>
  | Row<"listHeldResponse", contract.ListHeldResponse>
  | Row<"resolveHeldRequest", contract.ResolveHeldRequest>
  | Row<"resolveHeldResponse", contract.ResolveHeldResponse>
  | Row<"webhookEvent", contract.WebhookEvent>
  | Row<"webhookDelivery", contract.WebhookDelivery>
  | Row<"listWebhookDeliveriesResponse", contract.ListWebhookDeliveriesResponse>
  | Row<"webhookSecret", contract.WebhookSecret>
  | Row<"deployHook", contract.DeployHook>
  | Row<"listDeployHooksResponse", contract.ListDeployHooksResponse>
  | Row<"miniMaxStyleError", contract.MiniMaxStyleError>
  | Row<"openAIStyleError", contract.OpenAIStyleError>
>;
/** The rows that do not hold make this fail, with their names in the compiler's sentence. */
type Expect<Rows extends [string, true]> = Rows;

/** Every schema of the files has a row above, but for those that are parts of one field. */
type Names = { [K in keyof Schemas]: Schemas[K] extends z.ZodType ? K : never }[keyof Schemas];
export type Complete = ExpectNever<Exclude<Names, Proven[0] | PartOfField>>;
type PartOfField =
  | "deployHookUrl"
  | "flag"
  | "modelName"
  | "retentionDays"
  | "siteOrigin"
  | "siteOrigins"
  | "webhookUrl";
type ExpectNever<T extends never> = T;

/** What is read of a body and what is answered for it are the same: no schema changes the type of what it takes. */
export type CreateInput = ExpectTrue<
  Equal<z.input<Schemas["createVideoRequest"]>, z.output<Schemas["createVideoRequest"]>>
>;
type ExpectTrue<T extends true> = T;

/** The comparison itself tells apart what it must. */
export type Teeth = [
  ExpectFalse<Equal<{ a: string }, { a?: string }>>,
  ExpectFalse<Equal<{ a?: string }, { a?: string | undefined }>>,
  ExpectFalse<Equal<{ a: string }, { a: string | null }>>,
  ExpectFalse<Equal<{ a: "x" }, { a: string }>>,
  // biome-ignore lint/suspicious/noExplicitAny: that it is told from every other type is the point
  ExpectFalse<Equal<{ a: any }, { a: string }>>,
  ExpectFalse<Equal<{ a: { b: 1 }[] }, { a: { b: 1; c: 2 }[] }>>,
  ExpectFalse<Equal<{ a: 1 }, { a: 1; b: 2 }>>,
];
type ExpectFalse<T extends false> = T;
