/** Whether an address gave its challenge back: what is sent, and what each answer is taken for. */

import { describe, expect, it } from "vitest";
import { passesChallenge } from "../../src/ports/challenge.ts";

const url = "https://example.com/callback?token=private";

function ask(answer: (request: Request) => Promise<Response> | Response, timeoutMs = 3000) {
  return passesChallenge({ fetch: async (request) => answer(request), timeoutMs }, url, "c-1");
}

it("is one POST of the challenge as JSON, and follows nothing", async () => {
  const seen: Request[] = [];
  const passed = await ask(async (request) => {
    seen.push(request.clone());
    return Response.json(await request.json());
  });
  expect(passed).toBe(true);
  expect(seen).toHaveLength(1);
  const [request] = seen;
  expect(request).toMatchObject({ method: "POST", url, redirect: "manual" });
  expect(request?.headers.get("content-type")).toBe("application/json");
  expect(await request?.text()).toBe('{"challenge":"c-1"}');
});

describe("an answer", () => {
  const text = '{"challenge":"c-1"}';
  it.each<[passes: boolean, title: string, answer: () => Response]>([
    [true, "as text", () => new Response(text)],
    [true, "with more beside it", () => Response.json({ challenge: "c-1", status: "success" })],
    [true, "with 201", () => new Response(text, { status: 201 })],
    [false, "with another challenge", () => Response.json({ challenge: "c-2" })],
    [false, "with a number", () => Response.json({ challenge: 1 })],
    [false, "without one", () => Response.json({ status: "success" })],
    [false, "that is the challenge alone", () => Response.json("c-1")],
    [false, "that is null", () => Response.json(null)],
    [false, "that is no JSON", () => new Response("c-1")],
    [false, "that is empty", () => new Response(null, { status: 204 })],
    [false, "with 500", () => new Response(text, { status: 500 })],
    [false, "with a redirect", () => new Response(text, { status: 307, headers: { location: url } })],
    [false, "that is too long", () => new Response(text + " ".repeat(20_000))],
  ])("passes (%s) %s", async (passes, _title, answer) => {
    expect(await ask(answer)).toBe(passes);
  });

  it("that never comes, or never ends, does not pass", async () => {
    expect(await ask(() => new Promise<Response>(() => {}), 50)).toBe(false);
    expect(await ask(() => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })), 50)).toBe(
      false,
    );
    expect(
      await ask(() => {
        throw new Error("Network connection lost.");
      }),
    ).toBe(false);
  });
});
