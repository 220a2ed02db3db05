/** One call of a deploy hook: what is sent, what each answer is taken for, and that nothing told holds the address. */

import { describe, expect, it } from "vitest";
import { callDeployHook } from "../../src/ports/deploy-hooks.ts";

const url = "https://api.example.com/build_hooks/0123456789abcdef01234567?trigger_title=private";
const now = Date.now();

function call(answer: (request: Request) => Promise<Response> | Response, timeoutMs = 5000) {
  return callDeployHook({ fetch: async (request) => answer(request), timeoutMs }, url, now);
}

describe("a call", () => {
  it("is one POST to the address as it is, without a body, and follows nothing", async () => {
    const seen: Request[] = [];
    await call((request) => {
      seen.push(request);
      return new Response(null, { status: 201 });
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "POST", url, redirect: "manual", body: null });
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({ "user-agent": "filmgate/1" });
  });

  const answers: [title: string, status: number, headers: Record<string, string>, outcome: object][] = [
    ["200", 200, {}, { verdict: "built", error: null }],
    ["201", 201, {}, { verdict: "built", error: null }],
    ["400", 400, {}, { verdict: "refused", error: "The hook answered HTTP 400." }],
    ["401", 401, {}, { verdict: "refused" }],
    ["404", 404, {}, { verdict: "gone", error: "There is no such hook any more: HTTP 404." }],
    ["410", 410, {}, { verdict: "gone" }],
    ["408", 408, {}, { verdict: "again" }],
    ["425", 425, {}, { verdict: "again" }],
    ["429 with a wish to wait", 429, { "retry-after": "90" }, { verdict: "again", retryAfterMs: 90_000 }],
    ["500", 500, {}, { verdict: "again", retryAfterMs: 0 }],
    ["503 with a wish to wait", 503, { "retry-after": "7" }, { verdict: "again", retryAfterMs: 7000 }],
    [
      "301 to itself",
      301,
      { location: url },
      {
        verdict: "refused",
        error: "Redirects are not followed; this one leads to api.example.com. Give the hook's own address.",
      },
    ],
    [
      "302 to nowhere",
      302,
      {},
      { verdict: "refused", error: expect.stringMatching(/^Redirects are not followed\. /) },
    ],
  ];
  it.each(answers)(
    "that is answered with %s is taken for what it is",
    async (_title, status, headers, outcome) => {
      const text = status === 201 ? null : "private";
      const told = await call(() => new Response(text, { status, headers }));
      expect(told).toMatchObject({ status, ...outcome });
      expect(JSON.stringify(told)).not.toMatch(/private|build_hooks|0123/);
    },
  );

  it("that reaches nobody, or is answered too late, is to be repeated, and the reason holds no address", async () => {
    const refused = await call(() => Promise.reject(new Error(`connect to ${url} failed`)));
    expect(refused).toMatchObject({
      status: null,
      error: "The hook could not be reached.",
      verdict: "again",
    });
    const hangs = (request: Request) =>
      new Promise<Response>((_, reject) => {
        request.signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    const late = { status: null, error: "No answer came in time.", verdict: "again" };
    expect(await call(hangs, 20)).toMatchObject(late);
  });
});
