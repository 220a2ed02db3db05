/** The owner's routes for keys: the client has none of them, since programs that make videos never hold the ADMIN_KEY. */

import { createSend, type Send, segment } from "../client/send.ts";
import { readSettings } from "../client/settings.ts";
import type {
  ApiKey,
  ChangeKeyRequest,
  CreatedApiKey,
  CreateKeyRequest,
  ListKeysResponse,
} from "../contract.ts";
import type { Context } from "./command.ts";
import { commandError } from "./exits.ts";

/** @throws FilmgateError `invalid_configuration` without an address or FILMGATE_ADMIN_KEY. */
export function openAdmin({ environment, url, signal }: Context) {
  const apiKey = environment.FILMGATE_ADMIN_KEY || undefined;
  if (apiKey === undefined) {
    throw commandError(
      "invalid_configuration",
      "Keys are the owner's affair: set FILMGATE_ADMIN_KEY in the environment to the deployment's ADMIN_KEY.",
    );
  }
  const ask: Send = createSend(readSettings({ apiKey, baseUrl: url }));
  const path = (id: string) => `/v1/admin/keys/${segment("key", id)}`;
  return {
    list: (account: string | undefined) =>
      ask<ListKeysResponse>({ method: "GET", path: "/v1/admin/keys", query: { account }, signal }),
    // Not repeated, as a POST is not by itself: a key whose answer was lost is one that nobody has.
    create: (request: CreateKeyRequest) =>
      ask<CreatedApiKey>({
        method: "POST",
        path: "/v1/admin/keys",
        body: { json: request },
        signal,
      }),
    change: (id: string, account: string | undefined, request: ChangeKeyRequest) =>
      ask<ApiKey>({
        method: "PATCH",
        path: path(id),
        query: { account },
        body: { json: request },
        signal,
      }),
    revoke: (id: string, account: string | undefined) =>
      ask<ApiKey>({ method: "DELETE", path: path(id), query: { account }, repeating: "harmless", signal }),
  };
}
