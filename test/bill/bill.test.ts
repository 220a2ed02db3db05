/**
 * What each thing that a deployment does costs at Cloudflare, counted: requests, rows, alarms, operations of the
 * bucket. The numbers stand in counts.json; one more hop, write or look than there, and the difference tells which.
 * docs/cost.md is priced from the same file (`npm run cost`).
 */

import { beforeAll, expect, inject, it, vi } from "vitest";
import { png } from "../domain/images.ts";
import {
  costOf,
  expectBill,
  live,
  newCustomer,
  type Ordered,
  open,
  push,
  request,
  setClock,
} from "./world.ts";

beforeAll(open);

const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

it("of a video from text, with MiniMax's callbacks, from create to stored", async () => {
  const customer = await newCustomer();
  let ordered: Ordered | undefined;
  const create = await costOf(async () => {
    ordered = await customer.order();
  });
  expectBill("create", create);
  const rest = await costOf(() => customer.follow(ordered as Ordered));
  expectBill("callbacks to stored", rest);
  const { bytes } = await customer.call(`/v1/videos/query/${ordered?.taskId}`);
  expect(json(bytes)).toMatchObject({ status: "Success" });
});

it("of an H3 video, with MiniMax's callbacks, from create to stored and settled", async () => {
  const customer = await newCustomer();
  const h3 = { model: "MiniMax-H3", duration: 5, ratio: "16:9" };
  let ordered: Ordered | undefined;
  const create = await costOf(async () => {
    ordered = await customer.order({ body: h3 });
  });
  expectBill("create of H3", create);
  const rest = await costOf(() => customer.follow(ordered as Ordered, { lifeSeconds: 400 }));
  expectBill("callbacks of H3 to stored", rest);
  const { bytes } = await customer.call(`/v1/videos/query/${ordered?.taskId}`);
  expect(json(bytes)).toMatchObject({ status: "Success" });
});

it("of an H3 video that is cancelled while MiniMax has it queued", async () => {
  const customer = await newCustomer();
  const h3 = { model: "MiniMax-H3", duration: 5, ratio: "16:9" };
  let ordered: Ordered | undefined;
  await costOf(async () => {
    ordered = await customer.order({ body: h3 });
  });
  const cancel = await costOf(async () => {
    await customer.call(`/v1/videos/${ordered?.taskId}`, { method: "DELETE" });
    await live(String(ordered?.taskId));
  });
  expectBill("cancel of H3 while queued", cancel);
  const { bytes } = await customer.call("/v1/usage");
  const { reserved_usd, settled_usd, released_usd } = json(bytes).account.total;
  expect({ reserved_usd, settled_usd, isReleased: released_usd > 0 }).toEqual({
    ...{ reserved_usd: 0, settled_usd: 0 },
    isReleased: true,
  });
});

it("of a video without callbacks: looks alone", async () => {
  const customer = await newCustomer();
  let ordered: Ordered | undefined;
  const create = await costOf(async () => {
    ordered = await customer.order({ callbacks: false });
  });
  expectBill("create without callbacks", create);
  const rest = await costOf(async () => {
    await live(customer.account);
    await live(String(ordered?.taskId));
  });
  expectBill("looks to stored", rest);
});

it("of an image that is uploaded, the same again, and a video from it", async () => {
  const customer = await newCustomer();
  let image = "";
  const upload = async () => {
    const body = png(1280, 720);
    const headers = { "content-type": "image/png" };
    image = json((await customer.call("/v1/files", { method: "POST", body, headers })).bytes).id;
  };
  expectBill("upload an image", await costOf(upload));
  expectBill("upload the same image again", await costOf(upload));
  const order = { body: { first_frame_image: image } };
  expectBill("create from an uploaded image", await costOf(() => customer.order(order)));
});

it("of a video from an uploaded image that is published with its order, and of its poster", async () => {
  const customer = await newCustomer();
  let image = "";
  await costOf(async () => {
    // Its own image, as another account's would be.
    const body = png(1300, 720);
    const headers = { "content-type": "image/png" };
    image = json((await customer.call("/v1/files", { method: "POST", body, headers })).bytes).id;
  });
  let ordered: Ordered | undefined;
  const order = { body: { first_frame_image: image, publish: {} } };
  const create = await costOf(async () => {
    ordered = await customer.order(order);
  });
  expectBill("create and publish from an uploaded image", create);
  expectBill("callbacks to stored and published", await costOf(() => customer.follow(ordered as Ordered)));
  const { fileId } = ordered as Ordered;
  expectBill("a visit: the poster", await costOf(() => customer.call(`/v/${fileId}/poster`)));
  expectBill("a visit: the video", await costOf(() => customer.call(`/v/${fileId}.mp4`)));
});

it("of a published video without a poster", async () => {
  const customer = await newCustomer();
  const create = await costOf(() => customer.order({ body: { publish: {} } }));
  expectBill("create and publish", create);
});

it("of orders that are known", async () => {
  const customer = await newCustomer();
  const headers = { "idempotency-key": "one" };
  let first: Ordered | undefined;
  const create = await costOf(async () => {
    first = await customer.order({ headers });
  });
  expectBill("create with an Idempotency-Key", create);
  const again = { prompt: String(first?.prompt), headers };
  expectBill("replay by Idempotency-Key", await costOf(() => customer.order(again)));
  const other = await newCustomer();
  await costOf(async () => {
    first = await other.order();
  });
  const same = { prompt: String(first?.prompt) };
  expectBill("join", await costOf(() => other.order(same)));
});

it("of a ticket, and of a create from a page with it", async () => {
  const customer = await newCustomer();
  const page = await customer.page();
  let ticket = "";
  const make = async () => {
    ticket = await page.ticket();
  };
  expectBill("make a ticket", await costOf(make));
  const refused = { body: { max_cost_usd: 0 }, headers: page.headers(ticket) };
  expectBill("a ticketed create that is refused", await costOf(() => customer.order(refused)));
  let first: Ordered | undefined;
  const create = await costOf(async () => {
    first = await customer.order({ headers: page.headers(ticket) });
  });
  expectBill("create with a ticket", create);
  const again = { prompt: String(first?.prompt), headers: page.headers(ticket) };
  expectBill("replay by ticket", await costOf(() => customer.order(again)));
  const watched = () => request(`/v1/videos/query/${first?.taskId}`, { headers: page.headers(ticket) });
  expectBill("query with a publishable key", await costOf(watched));
});

it("of a create from a page with a ticket and an image", async () => {
  const customer = await newCustomer();
  const page = await customer.page();
  const image = { first_frame_image: png(1280, 720).toBase64() };
  const order = { body: image, headers: page.headers(await page.ticket()) };
  expectBill("create with a ticket and an image", await costOf(() => customer.order(order)));
});

it("of orders that are refused: by us, and by MiniMax", async () => {
  const customer = await newCustomer();
  const invalid = await costOf(() => customer.order({ body: { duration: 7 } }));
  expectBill("refused by filmgate", invalid);
  let status = 0;
  const refused = await costOf(async () => {
    status = (await customer.order({ scenario: "refuse=1026" })).status;
  });
  expect(status).toBe(422);
  expectBill("refused by MiniMax", refused);
});

it("of a first request with a key that the isolate does not know, and of one with a wrong key", async () => {
  const customer = await newCustomer();
  await setClock(Date.now() + 25_000);
  expectBill(
    "query with a key unknown to the isolate",
    await costOf(() => customer.call("/v1/videos/task_x")),
  );
});

it("of asking about a video, until it is there", async () => {
  const customer = await newCustomer();
  let ordered: Ordered | undefined;
  await costOf(async () => {
    ordered = await customer.order();
  });
  const path = `/v1/videos/query/${ordered?.taskId}`;
  expectBill("query", await costOf(() => customer.call(path)));
  // What the Worker waits, it waits in this clock.
  const real = globalThis.setTimeout;
  vi.stubGlobal("setTimeout", (then: () => void, ms = 0) => {
    vi.setSystemTime(Date.now() + ms);
    return real(then, 0);
  });
  const held = await costOf(() => customer.call(`${path}?wait=30`));
  vi.unstubAllGlobals();
  expectBill("query with wait=30, nothing changing", held);
});

it("of a video that is there: query, video, link, list, usage, bytes", async () => {
  const customer = await newCustomer();
  const { taskId, fileId } = await customer.have();
  expectBill("query when it is over", await costOf(() => customer.call(`/v1/videos/query/${taskId}`)));
  expectBill("the video object", await costOf(() => customer.call(`/v1/videos/${taskId}`)));
  let link = "";
  const download = async () => {
    const { bytes } = await customer.call(`/v1/videos/download/${fileId}`);
    link = json(bytes).download_url;
  };
  expectBill("a link", await costOf(download));
  const { pathname, search } = new URL(link);
  const get = (headers: Record<string, string>, method = "GET") =>
    costOf(() => customer.call(`${pathname}${search}`, { method, headers }));
  expectBill("play: the whole file", await get({}));
  expectBill("play: a range", await get({ range: "bytes=0-99" }));
  expectBill(
    "play: revalidated",
    await get({ "if-modified-since": new Date(Date.now() + 1e6).toUTCString() }),
  );
  expectBill("play: a range outside", await get({ range: "bytes=999999999-" }));
  expectBill("play: the head", await get({}, "HEAD"));
  await customer.greet();
  expectBill("usage", await costOf(() => customer.call("/v1/usage")));
  expectBill("models", await costOf(() => customer.call("/v1/videos/models")));
  expectBill("delete", await costOf(() => customer.call(`/v1/videos/${taskId}`, { method: "DELETE" })));
});

it("of a list: a page of 20 out of 40", async () => {
  const customer = await newCustomer();
  await costOf(async () => {
    for (let made = 0; made < 40; made++) await customer.order({ scenario: "refuse=1026" });
  });
  await customer.greet();
  expectBill("a page of 20", await costOf(() => customer.call("/v1/videos?limit=20")));
});

it("of a video whose caller is told by webhook", async () => {
  const customer = await newCustomer();
  const webhook = { body: { webhook_url: `${inject("gateUrl")}/webhook` } };
  let ordered: Ordered | undefined;
  expectBill(
    "create with a webhook",
    await costOf(async () => {
      ordered = await customer.order(webhook);
    }),
  );
  expectBill("callbacks to stored and told", await costOf(() => customer.follow(ordered as Ordered)));
});

it("of a video that makes a deploy hook due, and of the call", async () => {
  const customer = await newCustomer();
  await customer.change({ deploy_hook_url: `${inject("gateUrl")}/deploy-hook/of-a-site` });
  let ordered: Ordered | undefined;
  await costOf(async () => {
    ordered = await customer.order();
  });
  const rest = await costOf(() => customer.follow(ordered as Ordered));
  expectBill("callbacks to stored, with a deploy hook", rest);
  expectBill("a deploy hook is called", await costOf(() => live(customer.account)));
});

it("of a video that MiniMax does not make", async () => {
  const customer = await newCustomer();
  let ordered: Ordered | undefined;
  await costOf(async () => {
    ordered = await customer.order({ scenario: "fail=1027" });
  });
  const orderedAt = Date.now();
  const failed = await costOf(async () => {
    await live(customer.account);
    await setClock(orderedAt + 96_000);
    await push(String(ordered?.prompt), "success");
    await live(String(ordered?.taskId));
  });
  expectBill("callbacks to failed", failed);
});
