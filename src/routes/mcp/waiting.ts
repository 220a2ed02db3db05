/** Waiting within one call of a tool: shorter than clients bear, and with a word now and then for those who listen. */

import type { QueryVideoResponse, Video } from "../../contract.ts";
import { Refusal } from "../../errors.ts";
import { type Answer, type OwnRequests, requireTaskId, videoPath } from "./own-requests.ts";

/** MCP's clients give a call up after 60 s, unless they are told otherwise. */
export const longestWaitSeconds = 50;
export const usualWaitSeconds = 45;
/** Between two words of progress. */
const wordSeconds = 10;

/** Tells whoever called how far it is, in per cent; nothing where nobody asked to be told. */
export type Report = (progress: number, message: string) => Promise<void>;

/** @throws Refusal invalid_field, not_found; RefusedRequest. */
export async function waitForVideo(args: Answer, own: OwnRequests, report: Report): Promise<Answer> {
  const seconds = readSeconds(args.seconds);
  const taskId = requireTaskId(args.task_id);
  const query = `/v1/videos/query/${taskId}`;
  for (let left = seconds; left > 0; left -= wordSeconds) {
    const status = (await own.get(query, { wait: Math.min(left, wordSeconds) })) as QueryVideoResponse;
    if (["Success", "Fail", "failed"].includes(status.status)) break;
    await report(status.progress, status.status);
  }
  return (await own.get(videoPath(taskId))) as Video & Answer;
}

function readSeconds(value: unknown): number {
  if (value === undefined || value === null) return usualWaitSeconds;
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= longestWaitSeconds) {
    return value as number;
  }
  throw new Refusal("invalid_field", {
    message: `seconds: must be a whole number from 0 to ${longestWaitSeconds}.`,
    param: "seconds",
  });
}
