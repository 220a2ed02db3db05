/**
 * Every way filmgate says no: one table.
 *
 * A row is a code with its HTTP status, the type that OpenAI-shaped answers carry, the number that
 * MiniMax-shaped answers carry in `base_resp`, and whether the same request may succeed later without a change.
 * Code throws a `Refusal`; the app renders it in the form that the route's callers speak (routes/refusals.ts).
 */

type Row = Readonly<{
  status: 400 | 401 | 402 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 416 | 422 | 424 | 429 | 500 | 501 | 503;
  type:
    | "invalid_request_error"
    | "authentication_error"
    | "permission_error"
    | "not_found_error"
    | "payment_error"
    | "rate_limit_error"
    | "provider_error"
    | "server_error";
  baseCode: number;
  retryable: boolean;
  sentence: string;
}>;

const invalid = { status: 400, type: "invalid_request_error", baseCode: 2013, retryable: false } as const;
const refusedTicket = { status: 403, type: "permission_error", baseCode: 1004, retryable: false } as const;
const refusedLink = { status: 403, type: "permission_error", baseCode: 1004, retryable: false } as const;
/** An outcome of a task, told by a query; the status is used where the outcome answers a request itself. */
const outcome = { status: 410, type: "provider_error", baseCode: 1000, retryable: false } as const;

export const errorTable = {
  missing_key: {
    status: 401,
    type: "authentication_error",
    baseCode: 1004,
    retryable: false,
    sentence: "No API key was sent. Send it as 'Authorization: Bearer mql_…'.",
  },
  invalid_key: {
    status: 401,
    type: "authentication_error",
    baseCode: 2049,
    retryable: false,
    sentence:
      "This API key is unknown or was revoked, or its account is closed. Make a new one with POST /v1/admin/keys, or have the account opened again.",
  },
  invalid_admin_key: {
    status: 401,
    type: "authentication_error",
    baseCode: 2049,
    retryable: false,
    sentence: "This route takes the deployment's ADMIN_KEY as bearer token.",
  },
  publishable_key: {
    status: 403,
    type: "permission_error",
    baseCode: 1004,
    retryable: false,
    sentence:
      "A publishable key only reads and plays what it can name. This takes a secret key, which must never stand in a page.",
  },
  rate_limited: {
    status: 429,
    type: "rate_limit_error",
    baseCode: 1002,
    retryable: true,
    sentence: "Too many requests from this visitor with this publishable key. Ask again in a minute.",
  },

  ticket_required: {
    ...refusedTicket,
    sentence:
      "A publishable key creates with a ticket only. Have a server make one with POST /v1/tickets and a secret key, and send it as Filmgate-Ticket.",
  },
  ticket_invalid: {
    ...refusedTicket,
    sentence:
      "This ticket does not belong to this account, or the key that made it was revoked. Send it exactly as POST /v1/tickets gave it, or have a new one made.",
  },
  ticket_expired: {
    ...refusedTicket,
    sentence: "This ticket has expired, and nothing was ordered with it. Have a new one made.",
  },
  ticket_mismatch: {
    ...refusedTicket,
    sentence: "This ticket is bound to something else than what it is used for.",
  },
  ticket_used: {
    status: 422,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "This ticket was used for another order: it is good for one. Have a new one made.",
  },

  invalid_json: { ...invalid, sentence: "The body is not valid JSON." },
  invalid_encoding: { ...invalid, sentence: "The body is not valid UTF-8." },
  invalid_form: { ...invalid, sentence: "The body is not a multipart form that can be read." },
  empty_body: { ...invalid, sentence: "The body is empty; a JSON object is expected." },
  body_too_large: {
    status: 413,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "The body is too large.",
  },
  unknown_field: { ...invalid, sentence: "The request has a field that filmgate does not know." },
  missing_field: { ...invalid, sentence: "A required field is missing." },
  invalid_field: { ...invalid, sentence: "A field has a value that is not accepted." },
  unknown_model: { ...invalid, sentence: "The model is unknown." },
  unsupported_combination: { ...invalid, sentence: "The model cannot do this combination." },
  prompt_too_long: { ...invalid, sentence: "The prompt is too long." },
  invalid_image: { ...invalid, sentence: "The image is not accepted." },
  image_not_found: { ...invalid, sentence: "No uploaded image has this id." },
  invalid_media: { ...invalid, sentence: "The video or sound is not accepted." },
  media_not_found: { ...invalid, sentence: "No uploaded video or sound has this id." },
  price_unknown: {
    ...invalid,
    sentence:
      "MiniMax publishes no price for this video, so a cap cannot be kept. Take another model, or have the operator set its price in PRICES.",
  },
  budget_exceeded: {
    status: 402,
    type: "payment_error",
    baseCode: 1008,
    retryable: false,
    sentence: "The video would cost more than a cap leaves.",
  },
  cost_exceeds_limit: {
    status: 402,
    type: "payment_error",
    baseCode: 1008,
    retryable: false,
    sentence: "The video would cost more than max_cost_usd.",
  },
  invalid_webhook_url: { ...invalid, sentence: "The address is not one that webhooks are sent to." },
  invalid_deploy_hook_url: {
    ...invalid,
    sentence: "The address is not one that is called as a deploy hook.",
  },
  invalid_idempotency_key: {
    ...invalid,
    sentence: "Idempotency-Key takes 1 to 255 visible ASCII characters.",
  },
  idempotency_key_reused: {
    status: 422,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "This Idempotency-Key was used for another order. Use a new key for a new order.",
  },
  task_deleted: {
    status: 410,
    type: "not_found_error",
    baseCode: 2013,
    retryable: false,
    sentence: "The video that this Idempotency-Key made was deleted. Use a new key to make it again.",
  },

  not_retryable: {
    status: 409,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence:
      "Only a task that ended without a video can be retried. For another video of the same order, order it with the next take.",
  },
  not_dismissible: {
    // Not 409, which clients repeat by themselves; MiniMax's V2 has 400 for it.
    ...invalid,
    sentence: "A task that is running, or was cancelled, can be neither cancelled nor deleted.",
  },
  not_held: {
    status: 409,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "Nothing is held for this task: what it cost is known.",
  },
  account_exists: {
    status: 409,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "There is an account of this name. Change it with PATCH.",
  },
  account_closed: {
    status: 409,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: 'This account is closed. Open it again with PATCH {"closed": false}.',
  },

  not_found: {
    status: 404,
    type: "not_found_error",
    baseCode: 2013,
    retryable: false,
    sentence: "Nothing is here.",
  },
  method_not_allowed: {
    status: 405,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "This address does not take this method; Allow names those that it takes.",
  },

  video_failed: { ...outcome, sentence: "The video could not be made." },
  video_not_ready: {
    status: 409,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: true,
    sentence: "The video is not finished yet.",
  },

  publication_making: {
    status: 404,
    type: "not_found_error",
    baseCode: 2013,
    retryable: true,
    sentence: "The video at this address is still being made.",
  },
  publication_failed: { ...outcome, sentence: "The video that was to be at this address could not be made." },
  publication_expired: {
    status: 410,
    type: "not_found_error",
    baseCode: 2013,
    retryable: false,
    sentence: "The video at this address was published until a date that has passed.",
  },
  origin_refused: {
    status: 403,
    type: "permission_error",
    baseCode: 1004,
    retryable: false,
    sentence:
      "This video may not be shown by this site. Its owner lists sites by their exact origins; www.example.com and example.com are two.",
  },

  r2_links_off: {
    ...invalid,
    sentence:
      "via: R2's own links are off here. The operator turns them on with the R2_S3_… settings; leave via out for a link of filmgate's.",
  },
  link_unsigned: {
    // Not 401: that would have to name a scheme by which to try again (RFC 9110, 15.5.2), and there is none.
    ...refusedLink,
    sentence: "This link carries no signature. Ask GET /v1/videos/download/{file_id} for a link.",
  },
  link_invalid: {
    ...refusedLink,
    sentence: "This link's signature does not fit. Use it exactly as it was given, or ask for a new one.",
  },
  link_expired: {
    ...refusedLink,
    sentence: "This link has expired. Ask GET /v1/videos/download/{file_id} for a new one.",
  },
  precondition_failed: {
    status: 412,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "The file is not the version that the request asks for.",
  },
  range_not_satisfiable: {
    status: 416,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "The requested range lies outside the file.",
  },

  content_refused: {
    status: 422,
    type: "provider_error",
    baseCode: 1026,
    retryable: false,
    sentence:
      "MiniMax refused the prompt or image as sensitive. Change it and order again; nothing was charged.",
  },
  provider_invalid_request: {
    status: 400,
    type: "provider_error",
    baseCode: 2013,
    retryable: false,
    sentence: "MiniMax refused the request as invalid; nothing was charged.",
  },
  provider_key_refused: {
    status: 424,
    type: "provider_error",
    baseCode: 2049,
    retryable: false,
    sentence:
      "MiniMax does not accept this deployment's MINIMAX_API_KEY for this request; nothing was charged. The key may be of another region (MINIMAX_BASE_URL) or of a plan without this model.",
  },
  provider_balance: {
    status: 402,
    type: "provider_error",
    baseCode: 1008,
    retryable: false,
    sentence: "The MiniMax account behind this deployment has no balance or quota left; nothing was charged.",
  },
  provider_busy: {
    ...outcome,
    status: 429,
    baseCode: 1002,
    retryable: true,
    sentence:
      "MiniMax's rate limits left no turn for it for a day, so filmgate gave up; nothing was charged.",
  },
  not_sent: {
    ...outcome,
    status: 424,
    retryable: true,
    sentence: "filmgate could not send the order to MiniMax for a day; nothing was charged.",
  },
  content_moderated: {
    ...outcome,
    baseCode: 1027,
    sentence:
      "MiniMax made the video and withheld it as sensitive; nothing was charged. Change the prompt and order again.",
  },
  generation_expired: {
    ...outcome,
    sentence:
      "MiniMax says that the task expired, and does not say whether it was charged. The operator can look it up.",
  },
  provider_cancelled: {
    ...outcome,
    sentence: "The task was cancelled at MiniMax, and not here, before it began; nothing was charged.",
  },
  generation_failed: {
    ...outcome,
    sentence: "MiniMax could not make the video and gave no reason; nothing was charged.",
  },
  outcome_unknown: {
    ...outcome,
    sentence:
      "The answer to the order was lost, and no evidence came whether MiniMax took it. It may have been charged, so it was not sent again.",
  },
  generation_timeout: {
    ...outcome,
    baseCode: 1001,
    sentence: "MiniMax did not finish the video within seven days. It may have been charged.",
  },
  file_unavailable: {
    ...outcome,
    baseCode: 1013,
    sentence: "MiniMax made the video, and its file could not be fetched for seven days. It was charged.",
  },
  file_gone: {
    ...outcome,
    baseCode: 1013,
    sentence:
      "MiniMax made the video and charged it, and no longer has its file. Only a new order brings another.",
  },
  cancelled: { ...outcome, sentence: "The video was cancelled." },

  not_supported: {
    status: 501,
    type: "invalid_request_error",
    baseCode: 2013,
    retryable: false,
    sentence: "MiniMax has nothing like it, so this does not exist here.",
  },
  misconfigured: {
    status: 503,
    type: "server_error",
    baseCode: 1000,
    retryable: false,
    sentence: "This deployment lacks a setting.",
  },
  internal_error: {
    status: 500,
    type: "server_error",
    baseCode: 1000,
    retryable: true,
    sentence: "Something went wrong here. The request id tells the operator where to look.",
  },
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof errorTable;

/** Codes with which a task can end; the rest refuse a request. */
export type OutcomeCode =
  | "not_sent"
  | "image_not_found"
  | "media_not_found"
  | "content_refused"
  | "provider_invalid_request"
  | "provider_key_refused"
  | "provider_balance"
  | "provider_busy"
  | "content_moderated"
  | "generation_failed"
  | "generation_expired"
  | "provider_cancelled"
  | "outcome_unknown"
  | "generation_timeout"
  | "file_unavailable"
  | "file_gone";

/** What MiniMax said, word for word: its code and its sentence. */
export type ProviderAnswer = Readonly<{ statusCode: number; statusMessage: string }>;

export type RefusalDetails = Readonly<{
  /** The sentence to show instead of the table's. */
  message?: string;
  /** The field, header or parameter at fault. */
  param?: string;
  details?: Readonly<Record<string, unknown>>;
  provider?: ProviderAnswer | null;
  headers?: Readonly<Record<string, string>>;
}>;

/** A request that is refused. Thrown within one isolate only: across RPC errors lose their class, so values go there. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly provider: ProviderAnswer | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, about: RefusalDetails = {}) {
    super(about.message ?? errorTable[code].sentence);
    this.code = code;
    this.param = about.param ?? null;
    this.details = about.details ?? {};
    this.provider = about.provider ?? null;
    this.headers = about.headers ?? {};
  }

  get row(): Row {
    return errorTable[this.code];
  }
}

/** A caller's own text inside a sentence: short, whatever came. */
export function quote(text: string): string {
  return text.length <= 64 ? `'${text}'` : `'${text.slice(0, 64)}…'`;
}
