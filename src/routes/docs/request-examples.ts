/**
 * Bodies of requests as the document shows them, by the name of their model. The first is the one that is pasted from
 * /docs. A test sends all of them, so none has an address that would be called.
 */

import type {
  ChangeAccountRequest,
  ChangeKeyRequest,
  CreateAccountRequest,
  CreateKeyRequest,
  CreateTicketRequest,
  CreateVideoRequest,
  OpenAICreateVideoRequest,
  PublishRequest,
  ResolveHeldRequest,
} from "../../contract.ts";
import type { Examples } from "./document.ts";

const model = "MiniMax-Hailuo-2.3";
const prompt = "Ocean waves at sunset";
const frame = "https://example.com/first-frame.jpg";
const text = { model, prompt, duration: 6, resolution: "768P" };

const orders = {
  text: { summary: "From text", value: text },
  image: {
    summary: "From a picture",
    value: { model, first_frame_image: frame, prompt: "The waves begin to move" },
  },
  references: {
    summary: "With references, which only the H3 models take",
    value: {
      model: "MiniMax-H3",
      prompt: "The lighthouse of the picture, at night",
      reference_images: ["https://example.com/lighthouse.jpg"],
      ratio: "9:16",
      duration: 5,
    },
  },
  published: {
    summary: "Published at once, and kept for a month",
    value: {
      ...text,
      take: 2,
      retention_days: 30,
      publish: { title: "Waves at sunset" },
      metadata: { page: "/sea" },
    },
  },
  price: { summary: "What it would cost", value: { ...text, dry_run: true, max_cost_usd: 1 } },
} satisfies Record<string, { summary: string; value: CreateVideoRequest }>;

const openAIOrders = {
  text: { summary: "From text", value: { model, prompt, seconds: "6", size: "1366x768" } },
  image: {
    summary: "From a picture",
    value: { model, prompt: "The waves begin to move", input_reference: { image_url: frame }, take: 3 },
  },
} satisfies Record<string, { summary: string; value: OpenAICreateVideoRequest }>;

const one = <T>(value: T) => ({ example: { value } });

export const requestExamples: Readonly<Record<string, Examples>> = {
  CreateVideoRequest: orders,
  MiniMaxV1Order: { text: orders.text, image: orders.image },
  MiniMaxV2Order: {
    text: {
      summary: "From text",
      value: {
        model: "MiniMax-H3",
        content: [{ type: "text", text: prompt }],
        resolution: "768P",
        duration: 5,
        ratio: "16:9",
      },
    },
    image: {
      summary: "From a picture",
      value: {
        model: "MiniMax-H3",
        content: [
          { type: "text", text: "The waves begin to move" },
          { type: "image_url", image_url: { url: frame }, role: "first_frame" },
        ],
        resolution: "768P",
        duration: 5,
      },
    },
  },
  OpenAICreateVideoRequest: openAIOrders,
  PublishRequest: {
    site: {
      summary: "For pages of one site",
      value: {
        title: "Waves at sunset",
        alt: "Waves roll onto a beach",
        origins: ["https://example.com"],
      } satisfies PublishRequest,
    },
    any: { summary: "For any page", value: {} satisfies PublishRequest },
  },
  CreateTicketRequest: one<CreateTicketRequest>({ model, max_cost_usd: 0.28, origin: "https://example.com" }),
  CreateKeyRequest: {
    secret: { summary: "For a server", value: { name: "my site" } satisfies CreateKeyRequest },
    publishable: {
      summary: "For the pages of a site",
      value: {
        name: "my pages",
        kind: "publishable",
        origins: ["https://example.com"],
        tickets: true,
      } satisfies CreateKeyRequest,
    },
  },
  ChangeKeyRequest: one<ChangeKeyRequest>({ name: "my site", caps: { usd_per_day: 25 } }),
  CreateAccountRequest: one<CreateAccountRequest>({
    name: "studio",
    caps: { usd_per_day: 25, usd_per_month: 250 },
  }),
  ChangeAccountRequest: one<ChangeAccountRequest>({ caps: { usd_per_day: null }, retention_days: 90 }),
  ResolveHeldRequest: {
    charged: {
      summary: "MiniMax's bill does not have it",
      value: { account: "studio", charged: false } satisfies ResolveHeldRequest,
    },
    found: {
      summary: "MiniMax's list has it",
      value: { account: "studio", provider_task_id: "176843862716480" } satisfies ResolveHeldRequest,
    },
  },
};
