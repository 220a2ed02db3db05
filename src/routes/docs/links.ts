/** Where an answer leads: which of its values the next request is made with. For tools that walk from route to route. */

import type { Link, Operation } from "./document.ts";

const task = { task_id: "$response.body#/id" };
const file = { file_id: "$response.body#/file_id" };
const asTask = ["getVideo", "queryVideo", "watchVideo", "publishVideo", "listWebhookDeliveries"];
const told = (targets: readonly string[], parameters: Readonly<Record<string, string>>) =>
  Object.fromEntries(targets.map((operationId) => [operationId, { operationId, parameters }]));

const made = told([...asTask, "getGeneration", "retryVideo", "deleteVideo"], task);
const links: Readonly<Record<string, Readonly<Record<string, Link>>>> = {
  createVideo: made,
  createMiniMaxVideo: made,
  createOpenAIVideo: made,
  retryVideo: told(["getVideo", "deleteVideo"], task),
  createMiniMaxV1Video: told(["queryMiniMaxV1Video", "getVideo"], { task_id: "$response.body#/task_id" }),
  queryMiniMaxV1Video: told(["retrieveMiniMaxV1File"], file),
  createMiniMaxV2Video: told(["queryMiniMaxV2Video", "deleteMiniMaxV2Video", "getVideo"], {
    task_id: "$response.body#/task_id",
  }),
  queryMiniMaxV2Video: told(["deleteMiniMaxV2Video"], { task_id: "$response.body#/task/id" }),
  listMiniMaxV2Videos: told(["queryMiniMaxV2Video"], { task_id: "$response.body#/items/0/id" }),
  queryVideo: told(["downloadVideo", "retrieveMiniMaxV1File", "getPoster"], file),
  getVideo: told(["getVideoContent", "publishVideo", "deleteVideo"], task),
  listVideos: told(["getVideo", "queryVideo", "getVideoContent"], { task_id: "$response.body#/last_id" }),
  publishVideo: {
    ...told(["getPublication", "unpublishVideo"], task),
    ...told(["getPoster"], file),
    getPublished: { operationId: "getPublished", parameters: { name: "$response.body#/file_id" } },
  },
  listWebhookDeliveries: told(["replayWebhook"], {
    task_id: "$request.path.task_id",
    id: "$response.body#/data/0/id",
  }),
  listDeployHooks: told(["callDeployHook"], { id: "$response.body#/data/0/id" }),
  createKey: told(["changeKey", "revokeKey"], {
    id: "$response.body#/id",
    account: "$response.body#/account",
  }),
  createAccount: told(["getAccount", "changeAccount", "closeAccount"], { name: "$response.body#/name" }),
};

export function linksOf({ operationId = "" }: Operation, status: string): Readonly<Record<string, Link>> {
  return status.startsWith("2") ? (links[operationId] ?? {}) : {};
}
