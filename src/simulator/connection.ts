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

/** The first half, and then the connection is gone. */
export function cutAtHalf(bytes: Bytes): ReadableStream<Bytes> {
  return endingWith(bytes, (controller) => controller.error(new ConnectionLost()));
}

/** The first half, and then silence. */
export function hangAtHalf(bytes: Bytes): ReadableStream<Bytes> {
  return endingWith(bytes, () => hang());
}

function endingWith(
  bytes: Bytes,
  end: (controller: ReadableStreamDefaultController<Bytes>) => unknown,
): ReadableStream<Bytes> {
  let isSent = false;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      if (isSent) {
        await sleep(20); // lets the first half leave before the socket is destroyed
        await end(controller);
        return;
      }
      isSent = true;
      controller.enqueue(bytes.subarray(0, Math.max(1, bytes.length >> 1)));
    },
  });
}

/** Everything, at so many bytes a second, in a tenth of a second's pieces. */
export function slowly(bytes: Bytes, bytesPerSecond: number): ReadableStream<Bytes> {
  const piece = Math.max(1, Math.ceil(bytesPerSecond / 10));
  let sent = 0;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      if (sent >= bytes.length) return controller.close();
      await sleep((1000 * Math.min(piece, bytes.length - sent)) / bytesPerSecond);
      controller.enqueue(bytes.subarray(sent, sent + piece));
      sent += piece;
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
