/*
 * The language of scenarios, and the two places where it is spoken.
 */
import { describe, expect, it } from "vitest";
import { parseScenario, scenarioInPrompt, words } from "../../src/simulator/scenario.ts";
import { useSimulator } from "./caller.ts";

const always = Number.POSITIVE_INFINITY;
const caller = useSimulator();

describe("the words", () => {
  it.each([
    ["refuse=1008", "refuse", "1008", always],
    ["refuse=1002x3", "refuse", "1002", 3],
    ["create-http=503x2", "create-http", "503", 2],
    ["create-drop", "create-drop", "", always],
    ["create-drop=2", "create-drop", "", 2],
    ["accept-then=empty-id", "accept-then", "empty-id", always],
    ["accept-then=named-1002", "accept-then", "named-1002", always],
    ["accept-then=502x1", "accept-then", "502", 1],
    ["accept-then=1001", "accept-then", "1001", always],
    ["query-drop", "query-drop", "", 1],
    ["query-drop=4", "query-drop", "", 4],
    ["query-http=502", "query-http", "502", 1],
    ["query-code=1000x2", "query-code", "1000", 2],
    ["fail=none", "fail", "none", always],
    ["late=2.5", "late", "2.5", always],
    ["file-slow=1000", "file-slow", "1000", always],
    ["file-changes", "file-changes", "", 1],
    ["file-norange", "file-norange", "", always],
    ["url-expires-midway=3", "url-expires-midway", "", 3],
    ["file-pad=1000000", "file-pad", "1000000", always],
    ["stall", "stall", "", always],
    ["queue=60000", "queue", "60000", always],
    ["task-lifetime=500", "task-lifetime", "500", always],
    ["expired", "expired", "", always],
    ["delete-then=drop", "delete-then", "drop", 1],
    ["delete-http=503x2", "delete-http", "503", 2],
  ])("%s is read as %s, %j, %d times", (text, word, argument, times) => {
    expect(parseScenario(text)).toEqual({ faults: [{ word, argument, times }] });
  });

  it.each([
    "fial=1027",
    "fail",
    "fail=soon",
    "stall=2",
    "refuse=",
    "query-drop=often",
    "accept-then=x2",
    "toString",
  ])("%s is refused by name", (text) => {
    expect(parseScenario(text)).toEqual({ refusal: `unknown scenario word ${text}` });
  });

  it("stand in brackets in a prompt, which may be several, beside MiniMax's own", () => {
    const prompt = "[Push in] a calm sea [sim: fail=1027, late=2] at dusk [sim: query-drop=2]";
    expect(
      scenarioInPrompt(prompt)
        .split(/[\s,]+/)
        .filter(Boolean),
    ).toEqual(["fail=1027", "late=2", "query-drop=2"]);
    expect(scenarioInPrompt("[Pan left,Pedestal up] a calm sea")).toBe("");
  });
});

describe("the control route", () => {
  const post = (body: object) =>
    caller.send("/simulator/scenarios", { method: "POST", body: JSON.stringify(body) });

  it("takes a scenario for prompts or models that contain a text, until it is cleared", async () => {
    const scenario = { match: "Hailuo-2.3-Fast", scenario: "refuse=2061" };
    expect((await post(scenario)).status).toBe(201);
    expect(await caller.json("/simulator/scenarios")).toMatchObject({ scenarios: [scenario] });
    const create = (model: string) =>
      caller.createJson({ model, prompt: "a boat", first_frame_image: "https://example.com/boat.jpg" });
    expect((await create("MiniMax-Hailuo-2.3-Fast")).base_resp.status_code).toBe(2061);
    expect((await create("MiniMax-Hailuo-2.3")).base_resp.status_code).toBe(0);
    await caller.send("/simulator/scenarios", { method: "DELETE" });
    expect((await create("MiniMax-Hailuo-2.3-Fast")).base_resp.status_code).toBe(0);
  });

  it("refuses an unknown word with 400 and names the known ones", async () => {
    const response = await post({ match: "", scenario: "stall explode=1" });
    expect(response.status).toBe(400);
    const { error, accepted_words } = (await response.json()) as { error: string; accepted_words: string[] };
    expect(error).toContain("explode=1");
    expect(accepted_words).toHaveLength(Object.keys(words).length);
  });

  it.each([{}, { match: "sea" }, { match: 1, scenario: "stall" }])("refuses the body %j", async (body) => {
    expect((await post(body)).status).toBe(400);
  });
});

describe("a prompt with an unknown word", () => {
  it("is refused with 2013 that names it, and nothing is accepted", async () => {
    const answer = await caller.createJson({
      model: "MiniMax-Hailuo-02",
      prompt: "a misspelt sea [sim: fial=1027]",
    });
    expect(answer.base_resp.status_code).toBe(2013);
    expect(answer.base_resp.status_msg).toContain("fial=1027");
    expect(await caller.ledger("misspelt")).toMatchObject({ creates: 1, accepted: 0 });
  });
});
