/*
 * The simulator as one function from Request to Response: MiniMax's two wires, its file store and our own controls
 * over the same state. It can be called in-process by `app.fetch`; there is no socket to destroy then, so a
 * dropped connection is a rejected promise, a hanging one never settles, and a cut file is a body that fails
 * while it is read. Callbacks are real requests either way.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ConnectionLost } from "./connection.ts";
import { controlRoutes } from "./control.ts";
import { download } from "./downloads.ts";
import { filePaths } from "./signed-urls.ts";
import { type Settings, State } from "./state.ts";
import { wireV1 } from "./v1.ts";
import { wireV2 } from "./v2.ts";

export type SimulatorOptions = Partial<Settings> & { now?: () => number };
export type Simulator = { app: Hono; state: State; stop(): void };

export const defaultKey = "sk-api-simulator";
const bodyLimitBytes = 64 * 1024 * 1024;

export function createSimulator({ now = Date.now, ...settings }: SimulatorOptions = {}): Simulator {
  const state = new State(
    {
      speed: 1,
      requestsPerMinute: null,
      requestsPerMinuteV2: null,
      tasksInFlight: 30, // documented for MiniMax-H3; it holds for H3-Max here too
      keys: [defaultKey],
      sensitiveWords: ["nsfw", "gore"],
      ...settings,
    },
    now,
  );
  const app = new Hono();
  app.use(bodyLimit({ maxSize: bodyLimitBytes, onError: (context) => context.text("413", 413) }));
  app.route("/v1", wireV1(state));
  app.route("/v2", wireV2(state));
  app.route("/simulator", controlRoutes(state));
  for (const path of filePaths) {
    app.get(path, (context) => download(state, context.req.raw, context.req.param("fileId")));
  }
  app.notFound((context) => context.text("404 page not found", 404));
  app.onError((error, context) => {
    // A caller that dies while it is sending is no bug either: node:http calls that ECONNRESET.
    if (error instanceof ConnectionLost || (error as { code?: unknown }).code === "ECONNRESET") throw error;
    console.error(error);
    return context.text("The simulator itself failed; this is a bug in it.", 500);
  });
  return { app, state, stop: () => state.stopTimers() };
}
