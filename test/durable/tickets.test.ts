/** What a ticket is good for, as the Account has it: one order, within its time, while the key that made it is active. */

import { beforeEach, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/domain/hash.ts";
import { ticketIdFrom } from "../../src/domain/ids.ts";
import { acceptTask } from "../../src/domain/task.ts";
import type { Account } from "../../src/durable/account.ts";
import type { AdmissionAnswer, AdmissionRequest } from "../../src/durable/admissions.ts";
import { follow, submitRefused, submitStarted } from "../domain/tasks.ts";
import { dump, env, newAccountName, newRequest, newTaskId, order, passTime, useFarClock } from "./objects.ts";

useFarClock();

const origins = ["https://example.com"];
let account: DurableObjectStub<Account>;
let issuer: string;
let issuerSha256: string;
let page: { id: string; sha256: string };

async function newPage(about: { tickets?: boolean } = {}) {
  const binding = { origins, tickets: about.tickets ?? true };
  const made = await account.createKey("page", { kind: "publishable", binding });
  return { id: made?.id ?? "", sha256: sha256Hex(made?.key ?? "") };
}

beforeEach(async () => {
  account = env.ACCOUNTS.getByName(newAccountName());
  const made = await account.createKey("server");
  issuer = made?.id ?? "";
  issuerSha256 = sha256Hex(made?.key ?? "");
  page = await newPage();
});

function newTicket(about: Partial<AdmissionRequest["ticket"]> = {}) {
  const id = ticketIdFrom(crypto.getRandomValues(new Uint8Array(26)));
  return { id, keyId: issuer, expiresAt: Math.floor(Date.now() / 1000) + 600, ...about };
}

function admit(ticket: AdmissionRequest["ticket"], about: Partial<AdmissionRequest> = {}) {
  return account.admit(newRequest(page.sha256, { ticket, ...about })) as Promise<AdmissionAnswer>;
}

const another = { ...order, prompt: "Another" };

describe("a ticket", () => {
  it("that is used two hundred times at once is one task", async () => {
    const ticket = newTicket();
    const answers = await Promise.all(Array.from({ length: 200 }, () => admit(ticket)));
    expect(new Set(answers.map((answer) => "taskId" in answer && answer.taskId)).size).toBe(1);
    expect(answers.filter(({ verdict }) => verdict === "admitted")).toHaveLength(1);
    expect(answers.filter(({ verdict }) => verdict === "replayed")).toHaveLength(199);
    expect((await dump(account)).tasks).toHaveLength(1);
  });

  it("that is used for two hundred orders at once is one of them, also with two keys", async () => {
    const ticket = newTicket();
    const keys = [page, await newPage()];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        const sha256 = keys[n % 2]?.sha256 ?? "";
        const wanted = newRequest(sha256, { ticket, order: { ...order, prompt: `Order ${n}` } });
        return account.admit(wanted) as Promise<AdmissionAnswer>;
      }),
    );
    expect(answers.filter(({ verdict }) => verdict === "admitted")).toHaveLength(1);
    expect(answers.filter(({ verdict }) => verdict === "ticket_used")).toHaveLength(199);
  });

  it("answers with its task after it has expired, and after its maker was revoked, but orders no more", async () => {
    const [used, unused] = [newTicket(), newTicket()];
    const first = await admit(used);
    passTime(600_000);
    expect(await admit(used)).toMatchObject({
      verdict: "replayed",
      taskId: "taskId" in first && first.taskId,
    });
    expect(await admit(used, { order: another })).toEqual({ verdict: "ticket_used" });
    expect(await admit(unused)).toEqual({ verdict: "ticket_expired" });
    const fresh = newTicket();
    await account.revokeKey(issuer);
    expect(await admit(used)).toMatchObject({ verdict: "replayed" });
    expect(await admit(fresh)).toEqual({ verdict: "ticket_invalid" });
  });

  it("is good until its last millisecond and not after", async () => {
    const ticket = newTicket();
    passTime(ticket.expiresAt * 1000 - Date.now());
    expect(await admit(ticket)).toEqual({ verdict: "ticket_expired" });
    passTime(-1);
    expect(await admit(ticket)).toMatchObject({ verdict: "admitted" });
  });

  it("may be used again when nothing came of its order and nothing was charged", async () => {
    const ticket = newTicket();
    const answer = await admit(ticket);
    if (!("taskId" in answer) || answer.admission === null) throw new Error(answer.verdict);
    const task = follow(acceptTask(answer.admission, 1), [submitStarted, submitRefused], Date.now());
    await account.report({ task, revision: 5, removed: false, wakeAt: null });
    const again = await admit(ticket, { order: another });
    expect(again).toMatchObject({ verdict: "admitted" });
    expect("taskId" in again && again.taskId).not.toBe(answer.taskId);
    expect(await admit(ticket)).toEqual({ verdict: "ticket_used" });
  });

  it("that made a video which was deleted makes no other", async () => {
    const ticket = newTicket();
    const answer = await admit(ticket);
    if (!("taskId" in answer) || answer.admission === null) throw new Error(answer.verdict);
    const task = acceptTask(answer.admission, 1);
    await account.report({ task, revision: 5, removed: true, wakeAt: null });
    expect(await admit(ticket)).toEqual({ verdict: "task_deleted" });
    expect(await admit(ticket, { order: another })).toEqual({ verdict: "ticket_used" });
  });

  it.each<[title: string, keyId: () => Promise<string>]>([
    ["nobody's key", async () => "key_nobody"],
    ["a publishable key", async () => page.id],
    [
      "another account's key",
      async () => (await env.ACCOUNTS.getByName(newAccountName()).createKey("x"))?.id ?? "",
    ],
  ])("of %s is good for nothing", async (_title, keyId) => {
    expect(await admit(newTicket({ keyId: await keyId() }))).toEqual({ verdict: "ticket_invalid" });
  });
});

describe("an order with a ticket", () => {
  it("neither joins nor is joined, and an Idempotency-Key of the same text is another's", async () => {
    const ticket = newTicket();
    const mine = newRequest(issuerSha256);
    expect(await account.admit(mine)).toMatchObject({ verdict: "admitted" });
    expect(await admit(ticket)).toMatchObject({ verdict: "admitted" });
    expect(await admit(newTicket())).toMatchObject({ verdict: "admitted" });
    expect(await account.admit(newRequest(issuerSha256))).toMatchObject({
      verdict: "joined",
      taskId: mine.taskId,
    });
    const named = newRequest(issuerSha256, { idempotencyKey: ticket.id, order: another });
    expect(await account.admit(named)).toMatchObject({ verdict: "admitted" });
  });

  it("goes by its ticket where an Idempotency-Key is sent, too", async () => {
    const ticket = newTicket();
    const first = await admit(ticket, { idempotencyKey: "a" });
    expect(await admit(ticket, { idempotencyKey: "b" })).toMatchObject({
      verdict: "replayed",
      taskId: "taskId" in first && first.taskId,
    });
    expect(await admit(newTicket(), { idempotencyKey: "a" })).toMatchObject({ verdict: "admitted" });
  });

  it("is held to the caps of the publishable key, and of the account", async () => {
    const cap = { dayMicroUsd: 300_000, monthMicroUsd: null };
    await account.changeKey(page.id, { caps: cap });
    const first = newTicket();
    expect(await admit(first)).toMatchObject({ verdict: "admitted" });
    expect(await admit(newTicket())).toMatchObject({ verdict: "budget_exceeded", cap: { scope: "key" } });
    expect(await admit(first)).toMatchObject({ verdict: "replayed" });
    await account.changeKey(page.id, { caps: { dayMicroUsd: null } });
    await account.change({ caps: cap });
    expect(await admit(newTicket())).toMatchObject({ verdict: "budget_exceeded", cap: { scope: "account" } });
  });

  it("takes a publishable key with tickets: none without them, no secret one, and not that key alone", async () => {
    const plain = await newPage({ tickets: false });
    const ticket = newTicket();
    expect(await account.admit(newRequest(plain.sha256, { ticket }))).toEqual({ verdict: "publishable_key" });
    expect(await account.admit(newRequest(issuerSha256, { ticket }))).toEqual({ verdict: "invalid_key" });
    expect(await account.admit(newRequest(page.sha256))).toEqual({ verdict: "invalid_key" });
    await account.revokeKey(page.id);
    expect(await admit(ticket)).toEqual({ verdict: "invalid_key" });
  });

  it("is foreseen as it will be judged, and nothing is written", async () => {
    const ticket = newTicket();
    const before = await dump(account);
    expect(await account.foresee(newRequest(page.sha256, { ticket }))).toBeNull();
    expect(await account.foresee(newRequest(page.sha256, { ticket: newTicket({ expiresAt: 1 }) }))).toEqual({
      verdict: "ticket_expired",
    });
    expect(await dump(account)).toEqual(before);
    await admit(ticket);
    expect(await account.foresee(newRequest(page.sha256, { ticket }))).toMatchObject({ verdict: "replayed" });
    expect(await account.foresee(newRequest(page.sha256, { ticket, order: another }))).toEqual({
      verdict: "ticket_used",
    });
  });

  it("is repeated under its task's id, as every order is", async () => {
    const ticket = newTicket();
    const request = newRequest(page.sha256, { ticket, taskId: newTaskId() });
    expect(await account.admit(request)).toMatchObject({ verdict: "admitted", taskId: request.taskId });
    expect(await account.admit(request)).toMatchObject({ verdict: "admitted", taskId: request.taskId });
  });
});
