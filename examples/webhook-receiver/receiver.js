/**
 * Receives filmgate's webhooks: checks the signature over the body as it came, acts once per message, answers at
 * once. It prints a line of JSON for each message that is new.
 *
 *   WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.js
 */

import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

// Several with commas between them, while one is being replaced.
const secrets = (process.env.WEBHOOK_SECRET ?? "").split(",").filter((secret) => secret !== "");
if (secrets.length === 0) throw new Error("WEBHOOK_SECRET is not set; GET /v1/webhooks/secret shows it.");
const maxBytes = 256 * 1024;

/** What was handled. A real receiver keeps these where its work is kept, in the same transaction. */
const handled = new Set();

const server = createServer(async (request, response) => {
  if (request.method !== "POST") return response.writeHead(405).end();
  const body = await readBody(request);
  if (body === null) return response.writeHead(413).end();
  const event = verify(body, request.headers);
  if (event === null) return response.writeHead(400).end("The signature does not fit.");
  // The same message may come more than once: after a lost answer, or a replay.
  const id = request.headers["webhook-id"];
  if (!handled.has(id)) {
    handled.add(id);
    handle(id, event);
  }
  // Answer first, work later: filmgate waits 15 seconds, and takes anything but 2xx for a failure.
  response.writeHead(204).end();
});

function handle(id, { type, data }) {
  console.log(
    JSON.stringify({ id, type, video: data.id, download_url: data.download_url, error: data.error }),
  );
}

/** The event, or null if no secret fits. Parsing comes after checking: another spelling has another signature. */
function verify(body, headers) {
  for (const secret of secrets) {
    try {
      return new Webhook(secret).verify(body, headers);
    } catch {
      // Signed with another secret, too old, or forged.
    }
  }
  return null;
}

async function readBody(request) {
  const pieces = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(JSON.stringify({ listening: server.address().port }));
});
