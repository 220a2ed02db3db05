/**
 * `filmgate.json`, which a project commits: where filmgate runs, the lock, defaults for orders, and the orders
 * themselves. It is found from the working directory upward. A key in it would be committed with it, so one is refused.
 */

import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isPath } from "../client/ensure/media-files.ts";
import { mapMedia } from "../client/ensure/order-identity.ts";
import { commandError } from "./exits.ts";
import {
  isRecord,
  type NamedOrder,
  type OrderField,
  orderFields,
  type PartialOrder,
  readOrders,
} from "./order-fields.ts";

export type Configuration = Readonly<{
  /** Where it stands; null if there is none. */
  path: string | null;
  /** What its paths are relative to: its folder, or the working directory. */
  folder: string;
  url: string | undefined;
  lock: string | undefined;
  /** Files in them stand as `file:` URLs, so that they are found from the folder of any order. */
  defaults: PartialOrder;
  orders: readonly NamedOrder[];
}>;

export const configurationName = "filmgate.json";
const known = ["$schema", "url", "lock", "defaults", "orders"];

/**
 * The configuration that holds in a folder.
 * @param given a path that was named on the command line.
 * @throws FilmgateError `invalid_configuration`.
 */
export async function findConfiguration(folder: string, given: string | undefined): Promise<Configuration> {
  if (given !== undefined) {
    const path = resolve(folder, given);
    return locateDefaults(parseConfiguration(await readNamed(path), path));
  }
  for (let place = resolve(folder); ; place = dirname(place)) {
    const path = join(place, configurationName);
    const text = await readIfThere(path);
    if (text !== null) return locateDefaults(parseConfiguration(text, path));
    if (place === dirname(place)) break;
  }
  return { path: null, folder: resolve(folder), url: undefined, lock: undefined, defaults: {}, orders: [] };
}

async function locateDefaults(configuration: Configuration): Promise<Configuration> {
  const { defaults, folder } = configuration;
  const located = await mapMedia(defaults, async (text) =>
    typeof text === "string" && isPath(text) && !/^file:/i.test(text)
      ? pathToFileURL(resolve(folder, text)).href
      : text,
  );
  return { ...configuration, defaults: located };
}

/** @throws FilmgateError `invalid_configuration` that names the field and what is accepted. */
export function parseConfiguration(text: string, path: string): Configuration {
  const wrong = (sentence: string) => commandError("invalid_configuration", `${path}: ${sentence}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON (${error instanceof Error ? error.message : error}).`);
  }
  const secret = findSecret(value, "");
  if (secret !== null) throw wrong(secret);
  if (!isRecord(value)) throw wrong("it must be a JSON object.");
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw wrong(`unknown field ${unknown.map(quote).join(", ")}. Known are ${known.slice(1).join(", ")}.`);
  }
  const text_ = (name: "url" | "lock"): string | undefined => {
    const field = value[name];
    if (field === undefined || (typeof field === "string" && field !== "")) return field;
    throw wrong(`'${name}' must be a text.`);
  };
  const defaults = value.defaults ?? {};
  if (!isRecord(defaults)) throw wrong("'defaults' must be an object of fields that an order has.");
  const strange = Object.keys(defaults).filter((name) => !(orderFields as string[]).includes(name));
  if (strange.length > 0) {
    throw wrong(
      `'defaults' has ${strange.map(quote).join(", ")}, which no order has. An order has ${orderFields.join(", ")}.`,
    );
  }
  const orders = value.orders === undefined ? [] : readOrders(value.orders, "orders");
  if (typeof orders === "string") throw wrong(orders);
  return { path, folder: dirname(path), url: text_("url"), lock: text_("lock"), defaults, orders };
}

/** What is wrong with the first field that is a secret, by its name or by what it holds, which is never repeated. */
function findSecret(value: unknown, path: string): string | null {
  if (typeof value === "string")
    return /\bmql_(?!pk_)[a-z0-9-]+_[0-9a-z]{8}/.test(value) ? holdsKey(path) : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, field] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    // At the top stand settings; further down stand orders, where a name is the owner's affair.
    if (path === "" && /key|secret|token|password/i.test(name)) return holdsKey(at);
    if (name === ("deploy_hook_url" satisfies OrderField)) {
      return `'${at}' is a secret address, which would be committed with this file. Set it for the account, or give it to create with --deploy-hook-url.`;
    }
    const found = findSecret(field, at);
    if (found !== null) return found;
  }
  return null;
}

function holdsKey(path: string): string {
  return `'${path}' holds a key, which would be committed with this file. Take it out, set FILMGATE_API_KEY in the environment, and revoke the key if the file was ever committed.`;
}

function quote(name: string): string {
  return `'${name.slice(0, 64)}'`;
}

async function readNamed(path: string): Promise<string> {
  const text = await readIfThere(path);
  if (text !== null) return text;
  throw commandError("invalid_configuration", `${path}: there is no such file.`);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw commandError("invalid_configuration", `${path}: it cannot be read (${code ?? error}).`, error);
  }
}
