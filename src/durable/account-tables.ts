/** The database of one account: which tables it has, and how those of an earlier version become these. */

import { keyTables, settingsTable } from "./key-store.ts";
import type { Tables } from "./lazy-tables.ts";
import { ledgerTables } from "./ledger-store.ts";
import { indexTables, outboxTable, tasksTable } from "./task-index.ts";
import { webhookSecretsTable } from "./webhook-secrets.ts";

export const accountTables: Tables = {
  version: 4,
  schema: keyTables + indexTables + ledgerTables + webhookSecretsTable,
  upgrades: {
    // Version 1 did not keep orders here: a task of its time is listed once it reports again.
    1: `
      ALTER TABLE keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'secret';
      ALTER TABLE keys ADD COLUMN day_cap INTEGER;
      ALTER TABLE keys ADD COLUMN month_cap INTEGER;
      ${settingsTable}
      DROP INDEX tasks_unfinished;
      ALTER TABLE tasks RENAME TO tasks_1;
      ${tasksTable}
      INSERT INTO tasks (task_id, key_id, model, status, revision, money, created_at, ended_at, provider_task_id, swept_at, wake_at)
        SELECT task_id, key_id, '', status, 0, COALESCE(money, 'reserved'), created_at, ended_at, provider_task_id, swept_at,
          CASE WHEN ended_at IS NULL THEN 0 END
        FROM tasks_1 ORDER BY created_at, task_id;
      DROP TABLE tasks_1;
      UPDATE outbox SET admission = json_set(admission, '$.priceMicroUsd', NULL, '$.retentionDays', NULL, '$.retryOf', NULL,
        '$.webhookUrl', NULL, '$.requestId', NULL, '$.publication', NULL);
      ${ledgerTables}
      ${webhookSecretsTable}
    `,
    2: `
      ALTER TABLE outbox RENAME TO outbox_2;
      ${outboxTable}
      INSERT INTO outbox (task_id, admission, at, failures) SELECT task_id, admission, at, failures FROM outbox_2;
      DROP TABLE outbox_2;
    `,
    3: `
      ALTER TABLE keys ADD COLUMN origins TEXT;
      ALTER TABLE keys ADD COLUMN tickets INTEGER NOT NULL DEFAULT 0;
    `,
  },
};
