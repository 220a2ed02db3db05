/** What MCP's tools say where filmgate itself breaks down, and of money whose fate nobody knows; inside workerd. */

import { createExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { app } from "../../src/app.ts";
import type { Env } from "../../src/env.ts";
import { bearer, env, makeKey } from "./worker.ts";

type Told = { text: string; isError: boolean };

let key = "";
beforeEach(async () => {
  key = (await makeKey(`mcp-${crypto.randomUUID().slice(0, 8)}`)).key;
});
afterEach(() => vi.restoreAllMocks());

/** From an address that MiniMax could not call back, where a create that was lost ends at once. */
async function callTool(
  name: string,
  args: object,
  bindings: Env = env,
): Promise<Told & { requestId: string }> {
  const request = new Request("http://video.example.com/mcp", {
    method: "POST",
    headers: {
      ...bearer(key),
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const response = await app.fetch(request, bindings, createExecutionContext());
  const [, data = ""] = /^data: (.*)$/m.exec(await response.text()) ?? [];
  const { result } = JSON.parse(data) as { result: { content: { text: string }[]; isError?: boolean } };
  return {
    text: result.content[0]?.text ?? "",
    isError: result.isError === true,
    requestId: response.headers.get("x-request-id") ?? "",
  };
}

const order = () => ({ model: "MiniMax-Hailuo-2.3", prompt: `Waves ${crypto.randomUUID()}` });

/** Accounts that do what they are told, and whose answers to `method` are lost. */
function losing(method: "admit" | "list"): Env {
  const getByName = (name: string) => {
    const stub = env.ACCOUNTS.getByName(name);
    const lose = async (...args: unknown[]) => {
      await (stub[method] as (...args: unknown[]) => Promise<unknown>)(...args);
      throw Object.assign(new Error("Network connection lost."), { overloaded: true });
    };
    return new Proxy(stub, { get: (of, name) => (name === method ? lose : Reflect.get(of, name)) });
  };
  return { ...env, ACCOUNTS: { getByName } as unknown as Env["ACCOUNTS"] };
}

describe("a tool whose route broke down", () => {
  it("says that the order may have been made, and names the request that the log has", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const wanted = order();
    const told = await callTool("make_video", wanted, losing("admit"));
    expect(told.isError).toBe(true);
    expect(told.text).toMatch(
      /It may have been ordered or done all the same\. Call again with the same arguments: nothing is ordered twice\./,
    );
    expect(told.text).toMatch(new RegExp(`\\(internal_error, request ${told.requestId}\\)$`));
    const defects = logged.mock.calls.map(([line]) => JSON.parse(String(line)) as object);
    expect(defects).toMatchObject([{ event: "defect", request_id: told.requestId }]);
    const again = await callTool("make_video", wanted);
    expect(again.text).toContain("was ordered before, and is the same video");
  });

  it("and that only reads asks for nothing to be done", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const told = await callTool("list_videos", {}, losing("list"));
    expect(told.text).toMatch(/operator where to look\. \(internal_error, request \S+\)$/);
  });
});

it("usage tells what is held, where something is", async () => {
  expect((await callTool("get_usage", {})).text).not.toContain("held");
  await callTool("make_video", order());
  await vi.waitFor(async () =>
    expect((await callTool("get_usage", {})).text).toMatch(
      /^Account today: \$0 charged, \$0 reserved, \$0\.28 held and perhaps charged; no cap\. This month: /,
    ),
  );
});
