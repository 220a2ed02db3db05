/** The meter itself: a known sequence gives known numbers, and what is not metered is not counted. */

import { runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, inject, it } from "vitest";
import { pacerName } from "../../src/domain/ids.ts";
import { env } from "../routes/worker.ts";
import { meter, unmetered } from "./meter.ts";
import { open } from "./world.ts";

beforeAll(open);

const nothing = {
  worker: {},
  objects: {},
  alarmsSet: {},
  rowsWritten: {},
  rowsRead: 0,
  bucket: {},
  outside: {},
};
const scratch = () => {
  const namespace = env.ACCOUNTS;
  return namespace.get(namespace.idFromName(`scratch-${crypto.randomUUID()}`));
};

it("counts nothing where nothing is done", async () => {
  expect(await meter(() => {})).toEqual(nothing);
});

it("counts rows by table, an index as a row of its own, and deletes", async () => {
  const bill = await meter(() =>
    runInDurableObject(scratch(), (_, { storage: { sql } }) => {
      sql.exec("CREATE TABLE plain (id INTEGER PRIMARY KEY, a TEXT); -- a comment; with a semicolon");
      sql.exec("INSERT INTO plain (a) VALUES ('x'), ('y')");
      sql.exec("UPDATE plain SET a = 'z'");
      sql.exec("DELETE FROM plain WHERE id = 1");
      sql.exec("CREATE TABLE indexed (name TEXT PRIMARY KEY)");
      sql.exec("INSERT INTO indexed VALUES ('x')");
      sql.exec("SELECT * FROM plain").toArray();
    }),
  );
  expect(bill.rowsWritten).toMatchObject({ plain: 5, indexed: 2 });
  expect(bill.rowsWritten.tables).toBeGreaterThan(0);
});

it("counts calls of objects and alarms that are set, by class, and not what an object calls itself", async () => {
  const bill = await meter(async () => {
    const account = env.ACCOUNTS.getByName("metered");
    await account.createKey("x");
    await account.describe();
    await env.PACER.getByName(pacerName).position("x");
  });
  expect(bill).toMatchObject({
    objects: { "Account.createKey": 1, "Account.describe": 1, "Pacer.position": 1 },
    alarmsSet: {},
  });
});

it("counts the bucket's operations by their class, and requests to other hosts", async () => {
  const bill = await meter(async () => {
    await env.VIDEOS.put("videos/metered", "x");
    await (await env.VIDEOS.get("videos/metered"))?.text();
    await env.VIDEOS.head("images/metered");
    await env.VIDEOS.delete("videos/metered");
    await (await fetch(`${inject("simulatorUrl")}/simulator/health`)).text();
  });
  expect(bill).toEqual({
    ...nothing,
    bucket: { "A: put videos": 1, "B: get videos": 1, "B: head images": 1 },
    outside: { "MiniMax: GET /simulator/health": 1 },
  });
});

it("leaves out what is done unmetered", async () => {
  const bill = await meter(() => unmetered(() => env.VIDEOS.head("videos/none")));
  expect(bill).toEqual(nothing);
});
