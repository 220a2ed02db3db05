/*
 * The routes by which a test or a script talks to the simulator itself, under /simulator: look at the ledger,
 * tell it how to misbehave, change its pace, start afresh. They ask for no key; the simulator listens on the
 * desk only.
 */
import { Hono } from "hono";
import { z } from "zod";
import { ledger } from "./ledger.ts";
import { acceptedWords } from "./scenario.ts";
import type { State } from "./state.ts";

const scenarioBody = z.object({ match: z.string(), scenario: z.string() });
const limit = z.int().nonnegative().nullable().optional();
const settingsBody = z.strictObject({
  speed: z.number().positive().optional(),
  requestsPerMinute: limit,
  requestsPerMinuteV2: limit,
  tasksInFlight: limit,
});

export function controlRoutes(state: State): Hono {
  const app = new Hono();
  const settings = () => {
    const { keys: _secret, ...shown } = state.settings;
    return shown;
  };

  app.get("/health", (context) =>
    context.json({ status: "ok", simulates: "MiniMax video generation, wires V1 and V2", ...settings() }),
  );
  app.get("/ledger", (context) => context.json(ledger(state, context.req.query("prompt"))));
  app.post("/reset", (context) => {
    state.reset();
    return context.json({ status: "ok" });
  });
  app.put("/settings", async (context) => {
    const parsed = settingsBody.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    Object.assign(state.settings, parsed.data);
    return context.json(settings());
  });

  app.get("/scenarios", (context) =>
    context.json({ scenarios: state.faults.list(), accepted_words: acceptedWords }),
  );
  app.post("/scenarios", async (context) => {
    const parsed = scenarioBody.safeParse(await context.req.json().catch(() => null));
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    const refused = state.faults.add(parsed.data.match, parsed.data.scenario);
    if (refused) return context.json({ error: refused.refusal, accepted_words: acceptedWords }, 400);
    return context.json({ scenarios: state.faults.list() }, 201);
  });
  app.delete("/scenarios", (context) => {
    state.faults.clear();
    return context.json({ scenarios: [] });
  });
  return app;
}
