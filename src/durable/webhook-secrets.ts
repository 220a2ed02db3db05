/**
 * The secrets that sign an account's webhooks. They are kept in clear, since signing takes the secret itself; each
 * verifies nothing but what this account is told. A replaced one goes on signing beside its successor for a day, so
 * that receivers can be changed one by one.
 */

/** Not scaled: people replace secrets. */
const overlapMs = 24 * 3_600_000;
/** A signature each: a header must not grow with every impatient click. */
const maxSigning = 4;

export type WebhookSecretRow = Readonly<{
  /** `whsec_` and standard base64, as Standard Webhooks has it; some verifiers stumble over base64url. */
  secret: string;
  createdAt: number;
  /** Until when it signs beside its successors; null for the newest. */
  signsUntil: number | null;
}>;

export const webhookSecretsTable = `
  CREATE TABLE webhook_secrets (
    seq INTEGER PRIMARY KEY, secret TEXT NOT NULL, created_at INTEGER NOT NULL, signs_until INTEGER
  );
`;

export class WebhookSecrets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The newest first. */
  signing(now: number): WebhookSecretRow[] {
    return this.#sql
      .exec<{ secret: string; created_at: number; signs_until: number | null }>(
        `SELECT secret, created_at, signs_until FROM webhook_secrets
         WHERE signs_until IS NULL OR signs_until > ? ORDER BY seq DESC LIMIT ${maxSigning}`,
        now,
      )
      .toArray()
      .map((row) => ({ secret: row.secret, createdAt: row.created_at, signsUntil: row.signs_until }));
  }

  /** @param random the 32 bytes of the new secret. */
  rotate(random: Uint8Array, now: number): void {
    this.dropExpired(now);
    this.#sql.exec("UPDATE webhook_secrets SET signs_until = ? WHERE signs_until IS NULL", now + overlapMs);
    this.#sql.exec(
      "INSERT INTO webhook_secrets (secret, created_at) VALUES (?, ?)",
      ...[`whsec_${random.toBase64()}`, now],
    );
  }

  dropExpired(now: number): void {
    this.#sql.exec("DELETE FROM webhook_secrets WHERE signs_until <= ?", now);
  }
}
