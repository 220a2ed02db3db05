/** The order in which a request meets us: a name for it, its origin, our settings, who calls, the route. */

import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import { readSettings } from "./env.ts";
import { Refusal } from "./errors.ts";
import { requireAdmin, requireKey } from "./routes/access.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { createRoutes } from "./routes/app-env.ts";
import { callbackRoutes } from "./routes/callbacks.ts";
import { createVideoRoutes } from "./routes/create.ts";
import { deployHookRoutes } from "./routes/deploy-hooks.ts";
import { miniMaxV1Routes } from "./routes/dialects/minimax-v1.ts";
import { miniMaxV2Routes } from "./routes/dialects/minimax-v2.ts";
import { openAIRoutes } from "./routes/dialects/openai.ts";
import { addDocs } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { healthRoutes } from "./routes/health.ts";
import { heldRoutes } from "./routes/held.ts";
import { keyRoutes } from "./routes/keys.ts";
import { listRoutes } from "./routes/list.ts";
import { addMcp } from "./routes/mcp.ts";
import { modelRoutes } from "./routes/models.ts";
import { oembedRoutes } from "./routes/player.ts";
import { publicRoutes } from "./routes/public.ts";
import { publishingRoutes } from "./routes/publishing.ts";
import { renderError } from "./routes/refusals.ts";
import { retryRoutes } from "./routes/retry.ts";
import { ticketRoutes } from "./routes/tickets.ts";
import { uploadRoutes } from "./routes/uploads.ts";
import { usageRoutes } from "./routes/usage.ts";
import { videoRoutes } from "./routes/videos.ts";
import { webhookReference, webhookRoutes } from "./routes/webhooks.ts";

export const app = createRoutes();

app.onError(renderError);
app.notFound((c) => renderError(nothingAt(c.req.method, c.req.path), c));

app.use(requestId());
app.use(
  cors({
    origin: "*",
    allowMethods: ["GET", "HEAD", "POST", "PATCH", "DELETE"],
    // Without a list, the headers that a preflight asks for are allowed: clients send many of their own.
    exposeHeaders: [
      "accept-ranges",
      "content-disposition",
      "content-length",
      "content-range",
      "etag",
      "filmgate-joined",
      "idempotent-replayed",
      "last-modified",
      "openai-poll-after-ms",
      "retry-after",
      "server-timing",
      "trace-id",
      "x-should-retry",
      "x-request-id",
    ],
    maxAge: 86_400,
  }),
);
app.use(async (c, next) => {
  await next();
  c.res.headers.set("x-content-type-options", "nosniff");
});

app.route("/", healthRoutes);
app.openAPIRegistry.registerWebhook(webhookReference);
const describe = addDocs(app);

app.use(async (c, next) => {
  const result = readSettings(c.env);
  if (!result.ok) throw new Refusal("misconfigured", { message: result.problems.join(" ") });
  c.set("settings", result.settings);
  await next();
});

app.route("/", fileRoutes);
app.route("/", publicRoutes);
app.route("/", oembedRoutes);
app.route("/", callbackRoutes);
app.use("/v1/*", (c, next) => (c.req.path.startsWith("/v1/admin/") ? requireAdmin : requireKey)(c, next));
app.use("/v2/*", requireKey);
app.route("/", createVideoRoutes);
app.route("/", miniMaxV1Routes);
app.route("/", miniMaxV2Routes);
app.route("/", openAIRoutes);
app.route("/", modelRoutes);
app.route("/", listRoutes);
app.route("/", videoRoutes);
app.route("/", eventRoutes);
app.route("/", retryRoutes);
app.route("/", publishingRoutes);
app.route("/", webhookRoutes);
app.route("/", deployHookRoutes);
app.route("/", ticketRoutes);
app.route("/", uploadRoutes);
app.route("/", usageRoutes);
app.route("/", keyRoutes);
app.route("/", accountRoutes);
app.route("/", heldRoutes);
addMcp(app, describe);

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** An address that takes other methods says which (RFC 9110, 15.5.6); any other has nothing. */
function nothingAt(method: string, path: string): Refusal {
  const takes = (one: string) => app.router.match(one, path)[0].some(([[, route]]) => route.method === one);
  const taken = methods.filter(takes);
  if (taken.length === 0)
    return new Refusal("not_found", { message: `There is nothing at ${method} ${path}.` });
  const allow = taken.flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one])).join(", ");
  return new Refusal("method_not_allowed", {
    message: `${path} does not take ${method}; accepted are ${allow}.`,
    headers: { allow },
  });
}
