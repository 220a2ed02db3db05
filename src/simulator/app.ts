/*
 * The simulator as one function from Request to Response: MiniMax's wire, its file store and our own controls
 * over the same state. It can be called in-process by `app.fetch`; there is no socket to destroy then, so a
 * dropped connection is a rejected promise, a hanging one never settles, and a cut file is a body that fails
 * while it is read. Callbacks are real requests either way.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ConnectionLost } from "./connection.ts";
import { controlRoutes } from "./control.ts";
import { download } from "./downloads.ts";
import { type Settings, State } from "./state.ts";
import { wireV1 } from "./v1.ts";

export type SimulatorOptions = Partial<Settings> & { now?: () => number };
export type Simulator = { app: Hono; state: State; stop(): void };

export const defaultKey = "sk-api-simulator";
const bodyLimitBytes = 64 * 1024 * 1024;

export function createSimulator({ now = Date.now, ...settings }: SimulatorOptions = {}): Simulator {
  const state = new State(
    { speed: 1, requestsPerMinute: null, keys: [defaultKey], sensitiveWords: ["nsfw", "gore"], ...settings },
    now,
  );
  const app = new Hono();
  app.use(bodyLimit({ maxSize: bodyLimitBytes, onError: (context) => context.text("413", 413) }));
  app.route("/v1", wireV1(state));
  app.route("/simulator", controlRoutes(state));
  app.get("/inference_output/video/:day/:fileId/output_aigc.mp4", (context) =>
    download(state, context.req.raw, context.req.param("fileId")),
  );
  app.notFound((context) => context.text("404 page not found", 404));
  app.onError((error, context) => {
    // A caller that dies while it is sending is no bug either: node:http calls that ECONNRESET.
    if (error instanceof ConnectionLost || (error as { code?: unknown }).code === "ECONNRESET") throw error;
    console.error(error);
    return context.text("The simulator itself failed; this is a bug in it.", 500);
  });
  return { app, state, stop: () => state.stopTimers() };
}
