/**
 * `/mcp`: filmgate for agents, over the Model Context Protocol's streamable HTTP (modelcontextprotocol.io), in the
 * revision with a handshake and the one without. Stateless; under the caller's key, and so under its caps.
 */

import type { OpenAPIHono } from "@hono/zod-openapi";
import { requireKey, requireSecretKey } from "./access.ts";
import type { AppEnv } from "./app-env.ts";
import type { OpenApi } from "./docs/document.ts";
import { type Dispatch, ownRequests } from "./mcp/own-requests.ts";

/** Adds it to the app whose routes its tools ask. @param describe the reference, of which the tools' schemas are made. */
export function addMcp(app: OpenAPIHono<AppEnv>, describe: () => OpenApi): void {
  const dispatch: Dispatch = async (request, c) => app.fetch(request, c.env, c.executionCtx);
  app.use("/mcp", requireKey);
  app.post("/mcp", async (c) => {
    requireSecretKey(c);
    // Evaluated by the first that asks, so that no isolate starts slower for it: the SDK is a fifth of the bundle.
    const { answerMcp } = await import("./mcp/server.ts");
    return answerMcp(c.req.raw, ownRequests(c, dispatch), describe());
  });
}
