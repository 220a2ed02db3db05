/**
 * Server-sent events as the WHATWG's HTML standard has them (9.2.6), read from a body as it arrives: an EventSource
 * cannot send a key, so the client reads the stream itself. Only what filmgate sends is kept: the event's name, its id
 * and its data.
 */

export type StreamEvent = { event: string; id: string; data: string };

/**
 * The events of one body, until it ends; one that is cut off in its middle is not told. Leaving the loop early lets
 * the connection go.
 * @param onBytes called whenever something arrives: a comment, too, is a sign of life.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<StreamEvent, void> {
  let id = "";
  let event = "";
  let data: string[] = [];
  for await (const line of readLines(body, onBytes)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", id, data: data.join("\n") };
      [event, data] = ["", []];
      continue;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    if (field === "event") event = value;
    if (field === "id" && !value.includes("\0")) id = value;
  }
}

/** Lines end with LF, CR LF or CR; a CR at the end of a piece may be half of a CR LF. */
async function* readLines(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
