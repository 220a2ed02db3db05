/*
 * The ways to lose an answer, as a Request-to-Response function can express them. The server turns a thrown
 * ConnectionLost and a body that breaks into a destroyed socket. In-process, where there is no socket, the
 * caller of `app.fetch` sees what `fetch` would show it: a rejection, a promise that never settles, a body
 * whose reading fails.
 */
import { beginningOf, type Part, partLength, piecesOf } from "./files.ts";
import type { Bytes } from "./mp4.ts";

export class ConnectionLost extends Error {
  override name = "ConnectionLost";
  constructor() {
    super("The simulator dropped the connection, as it was told to");
  }
}

/** The answer that never comes. */
export function hang(): Promise<never> {
  return new Promise(() => {});
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Told of bytes that were handed to the socket. */
type Count = (bytes: number) => void;
type Controller = ReadableStreamDefaultController<Bytes>;

const pieceBytes = 64 * 1024;

/** Everything. */
export function whole(part: Part, count: Count): ReadableStream<Bytes> {
  return stream(part, 4 * pieceBytes, count, (controller) => controller.close());
}

/** The first half, and then the connection is gone. */
export function cutAtHalf(part: Part, count: Count): ReadableStream<Bytes> {
  return stream(halfOf(part), pieceBytes, count, async (controller) => {
    await sleep(20); // lets the last of it leave before the socket is destroyed
    controller.error(new ConnectionLost());
  });
}

/** The first half, and then silence. */
export function hangAtHalf(part: Part, count: Count): ReadableStream<Bytes> {
  return stream(halfOf(part), pieceBytes, count, hang);
}

/** Everything, at so many bytes a second, in a tenth of a second's pieces. */
export function slowly(part: Part, bytesPerSecond: number, count: Count): ReadableStream<Bytes> {
  const pieceLength = Math.max(1, Math.ceil(bytesPerSecond / 10));
  return stream(
    part,
    pieceLength,
    count,
    (controller) => controller.close(),
    (piece) => sleep((1000 * piece.length) / bytesPerSecond),
  );
}

const halfOf = (part: Part) =>
  beginningOf(part, Math.min(partLength(part), Math.max(1, partLength(part) >> 1)));

/** In pieces, each when the socket takes more: what still waits in memory is lost with the socket. */
function stream(
  part: Part,
  length: number,
  count: Count,
  end: (controller: Controller) => unknown,
  pause?: (piece: Bytes) => Promise<void>,
): ReadableStream<Bytes> {
  const pieces = piecesOf(part, length);
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const { value: piece } = pieces.next();
      if (piece === undefined) return void (await end(controller));
      await pause?.(piece);
      controller.enqueue(piece);
      count(piece.length);
    },
  });
}
