/*
 * The ways to lose an answer, as a Request-to-Response function can express them. The server turns a thrown
 * ConnectionLost and a body that breaks into a destroyed socket. In-process, where there is no socket, the
 * caller of `app.fetch` sees what `fetch` would show it: a rejection, a promise that never settles, a body
 * whose reading fails.
 */

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

type Bytes = Uint8Array<ArrayBuffer>;
/** Told of bytes that were handed to the socket. */
type Count = (bytes: number) => void;

const pieceBytes = 64 * 1024;

/** The first half, and then the connection is gone. */
export function cutAtHalf(bytes: Bytes, count: Count): ReadableStream<Bytes> {
  return endingWith(bytes, count, (controller) => controller.error(new ConnectionLost()));
}

/** The first half, and then silence. */
export function hangAtHalf(bytes: Bytes, count: Count): ReadableStream<Bytes> {
  return endingWith(bytes, count, () => hang());
}

function endingWith(
  bytes: Bytes,
  count: Count,
  end: (controller: ReadableStreamDefaultController<Bytes>) => unknown,
): ReadableStream<Bytes> {
  const half = bytes.subarray(0, Math.max(1, bytes.length >> 1));
  let sent = 0;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      // In pieces, each when the socket takes more: what still waits in memory is lost with the socket.
      if (sent < half.length) {
        const piece = half.subarray(sent, sent + pieceBytes);
        controller.enqueue(piece);
        sent += piece.length;
        count(piece.length);
        return;
      }
      await sleep(20); // lets the last of it leave before the socket is destroyed
      await end(controller);
    },
  });
}

/** Everything, at so many bytes a second, in a tenth of a second's pieces. */
export function slowly(bytes: Bytes, bytesPerSecond: number, count: Count): ReadableStream<Bytes> {
  const pieceLength = Math.max(1, Math.ceil(bytesPerSecond / 10));
  let sent = 0;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      if (sent >= bytes.length) return controller.close();
      const piece = bytes.subarray(sent, sent + pieceLength);
      await sleep((1000 * piece.length) / bytesPerSecond);
      controller.enqueue(piece);
      sent += piece.length;
      count(piece.length);
    },
  });
}

/** Everything at once, but without a length known beforehand. */
export function unmeasured(bytes: Bytes): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
