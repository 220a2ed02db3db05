/** Webhooks against signatures that node:crypto made, and against the specification's own example. */

import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyWebhook, WebhookError } from "../../src/client/filmgate.ts";

const key = randomBytes(32);
const secret = `whsec_${key.toString("base64")}`;
const id = "msg_1";
const body = '{"type":"video.completed","data":{"id":"task_ü"}}';
const now = () => Math.floor(Date.now() / 1000);

function sign(text: string | Uint8Array, timestamp: number | string = now(), by: Uint8Array = key): string {
  const mac = createHmac("sha256", by).update(`${id}.${timestamp}.`).update(text);
  return `v1,${mac.digest("base64")}`;
}

function headers(signature: string, timestamp: number | string = now()) {
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signature };
}

describe("a webhook passes", () => {
  it("with its signature, and is parsed", async () => {
    const at = now();
    expect(await verifyWebhook({ body, headers: headers(sign(body, at), at), secret })).toEqual({
      id,
      sentAt: new Date(at * 1000),
      payload: JSON.parse(body),
    });
  });

  it.each([
    ["the Headers of fetch", (all: Record<string, string>) => new Headers(all)],
    [
      "Node's lists",
      (all: Record<string, string>) => Object.fromEntries(Object.entries(all).map(([k, v]) => [k, [v]])),
    ],
    [
      "names in capitals",
      (all: Record<string, string>) =>
        Object.fromEntries(Object.entries(all).map(([k, v]) => [k.toUpperCase(), v])),
    ],
  ])("with headers as %s", async (_title, as) => {
    expect((await verifyWebhook({ body, headers: as(headers(sign(body))), secret })).id).toBe(id);
  });

  it.each([
    ["bytes", new TextEncoder().encode(body)],
    ["a part of a larger buffer", Buffer.from(`xx${body}`).subarray(2)],
    ["an ArrayBuffer", new TextEncoder().encode(body).buffer],
  ])("with its body as %s", async (_title, raw) => {
    expect((await verifyWebhook({ body: raw, headers: headers(sign(body)), secret })).id).toBe(id);
  });

  it("if any of several signatures fits, while the secret is being replaced", async () => {
    const many = `v1a,AAAA v1,!! ${sign(body, now(), randomBytes(32))} ${sign(body)}`;
    expect((await verifyWebhook({ body, headers: headers(many), secret })).id).toBe(id);
  });

  it.each([-299, 299])("%i seconds from now", async (seconds) => {
    const at = now() + seconds;
    expect((await verifyWebhook({ body, headers: headers(sign(body, at), at), secret })).id).toBe(id);
  });

  it("as the specification's example does", async () => {
    const example = {
      body: '{"test": 2432232314}',
      headers: {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      },
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    };
    expect(await verifyWebhook({ ...example, toleranceSeconds: 1e9 })).toMatchObject({
      payload: { test: 2432232314 },
    });
  });
});

describe("a webhook is refused", () => {
  const good = () => sign(body);
  it.each<[string, () => { body?: string; headers: Record<string, string> }, string]>([
    [
      "without signature",
      () => ({ headers: { "webhook-id": id, "webhook-timestamp": "1" } }),
      "webhook_unsigned",
    ],
    ["without any header", () => ({ headers: {} }), "webhook_unsigned"],
    ["with another body", () => ({ body: `${body} `, headers: headers(good()) }), "webhook_invalid"],
    [
      "with another id",
      () => ({ headers: { ...headers(good()), "webhook-id": "msg_2" } }),
      "webhook_invalid",
    ],
    ["with another time", () => ({ headers: headers(good(), now() - 1) }), "webhook_invalid"],
    [
      "signed by somebody else",
      () => ({ headers: headers(sign(body, now(), randomBytes(32))) }),
      "webhook_invalid",
    ],
    [
      "signed with the secret's text",
      () => ({ headers: headers(sign(body, now(), Buffer.from(secret))) }),
      "webhook_invalid",
    ],
    ["with a shortened signature", () => ({ headers: headers(good().slice(0, 20)) }), "webhook_invalid"],
    ["with an empty signature", () => ({ headers: headers("v1,") }), "webhook_invalid"],
    ["of another version", () => ({ headers: headers(good().replace("v1,", "v2,")) }), "webhook_invalid"],
    ["too old", () => ({ headers: headers(sign(body, now() - 301), now() - 301) }), "webhook_expired"],
    [
      "from the future",
      () => ({ headers: headers(sign(body, now() + 302), now() + 302) }),
      "webhook_expired",
    ],
    ["with a time that is none", () => ({ headers: headers(sign(body, "NaN"), "NaN") }), "webhook_expired"],
    [
      "with a time in another spelling",
      () => ({ headers: headers(sign(body, `${now()}.0`), `${now()}.0`) }),
      "webhook_expired",
    ],
    ["that is not JSON", () => ({ body: "x", headers: headers(sign("x")) }), "webhook_invalid"],
  ])("%s", async (_title, request, code) => {
    const error = await verifyWebhook({ body, ...request(), secret }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(WebhookError);
    expect(error).toMatchObject({ code, retryable: false });
  });
});

describe("a program's mistake is told as one:", () => {
  it.each(["", "secret", "whsec_", "whsec_not base64", `whsec_${key.toString("base64url")}_`])(
    "the secret %j",
    async (wrong) => {
      await expect(verifyWebhook({ body, headers: headers(sign(body)), secret: wrong })).rejects.toThrow(
        TypeError,
      );
    },
  );

  it("a body that was parsed already", async () => {
    const parsed = JSON.parse(body) as string;
    await expect(verifyWebhook({ body: parsed, headers: headers(sign(body)), secret })).rejects.toThrow(
      /raw body/,
    );
  });
});
