/** Server-sent events, however the network cuts them into pieces. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvents, type StreamEvent } from "../../src/client/event-stream.ts";

async function read(pieces: readonly Uint8Array[], onBytes?: () => void): Promise<StreamEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  return Array.fromAsync(readEvents(body, onBytes));
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a stream of events", () => {
  it.each<[string, string, StreamEvent[]]>([
    ["one with all its fields", "event: end\nid: 7\ndata: {}\n\n", [{ event: "end", id: "7", data: "{}" }]],
    ["one without a name", "data: x\n\n", [{ event: "message", id: "", data: "x" }]],
    ["data on several lines", "data: a\ndata:b\n\n", [{ event: "message", id: "", data: "a\nb" }]],
    ["no space after the colon", "data:x\n\n", [{ event: "message", id: "", data: "x" }]],
    ["only the first space is dropped", "data:  x\n\n", [{ event: "message", id: "", data: " x" }]],
    [
      "an id that holds until the next",
      "id: 1\ndata: a\n\ndata: b\n\n",
      [
        { event: "message", id: "1", data: "a" },
        { event: "message", id: "1", data: "b" },
      ],
    ],
    ["comments and other fields", ": hello\nretry: 1000\ncolour: red\n\n", []],
    ["one that is cut off", "data: a\n\ndata: b\n", [{ event: "message", id: "", data: "a" }]],
    [
      "CR LF and CR",
      "data: a\r\n\r\ndata: b\r\r\n",
      [
        { event: "message", id: "", data: "a" },
        { event: "message", id: "", data: "b" },
      ],
    ],
  ])("reads %s", async (_title, text, events) => {
    expect(await read([bytes(text)])).toEqual(events);
  });

  it("tells the same events wherever it is cut, in the middle of a character too", async () => {
    const field = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, "_"));
    const event = fc.record({ event: field.filter((name) => name !== ""), id: field, data: field });
    const newline = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 5 }),
        newline,
        fc.array(fc.nat(), { maxLength: 8 }),
        async (events, end, cuts) => {
          const lines = events.flatMap(({ event, id, data }) => [
            ...[`event: ${event}`, `id: ${id}`, `data: ${data}`],
            "",
          ]);
          const whole = bytes(lines.map((line) => line + end).join(""));
          const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
          const pieces = [0, ...places].map((from, at) => whole.subarray(from, places[at] ?? whole.length));
          expect(await read(pieces)).toEqual(events);
        },
      ),
    );
  });

  it("lets the connection go when its reader leaves", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("data: x\n\n")),
      cancel() {
        isCancelled = true;
      },
    });
    for await (const _ of readEvents(body)) break;
    expect(isCancelled).toBe(true);
  });
});
