/**
 * Parameters that several routes take, and how the document tells their form. A path's pattern is told and not judged
 * by: a malformed id is 404, like an unknown one.
 */

import { z } from "@hono/zod-openapi";

const suffix = "[0-9a-hjkmnp-tv-z]{26}";
const idOf = (kind: string, description: string) =>
  z.string().openapi({
    description,
    pattern: `^${kind}_${suffix}$`,
    example: `${kind}_vmcn3psmsswzamtpxszgj97jmr`,
  });

export const taskId = idOf("task", "The task's id, as its create answered.");
export const fileId = idOf("file", "The file's id, as a query answers once there is a video.");
export const taskParams = z.object({ task_id: taskId });

export const fileName = z.string().openapi({
  description: "The file's id with `.mp4`.",
  pattern: `^file_${suffix}(?:\\.mp4)?$`,
  example: "file_vmcn3psmsswzamtpxszgj97jmr.mp4",
});

export const accountPattern = "^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$";
export const accountName = (description: string) =>
  z.string().optional().openapi({ description, pattern: accountPattern });

/** What a query's whole number is told as: it comes as a text, and is judged as one. */
export const wholeNumber = (minimum: number, maximum: number) => ({
  type: "integer" as const,
  minimum,
  maximum,
});

export const idempotencyKeyForm = { minLength: 1, maxLength: 255, pattern: "^[!-~]+$" };
export const idempotencyKey = z
  .string()
  .optional()
  .openapi({
    description: "1 to 255 visible ASCII characters: repeating the request repeats the answer.",
    ...idempotencyKeyForm,
  });
export const takeHeader = (description: string) =>
  z
    .string()
    .optional()
    .openapi({ description, ...wholeNumber(1, 1000) });
