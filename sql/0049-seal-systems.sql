-- Which business systems may use a seal: for seals made from now on those that were let, one by one; for earlier ones all, as before.

ALTER TABLE seal.seal ADD COLUMN system_use text NOT NULL DEFAULT 'all' CHECK (system_use IN ('all', 'granted'));
ALTER TABLE seal.seal ALTER COLUMN system_use SET DEFAULT 'granted';

CREATE TABLE seal.system_grant (
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  client_id text NOT NULL CHECK (client_id <> ''),
  purpose text NOT NULL,
  granted_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  PRIMARY KEY (seal_id, client_id)
);
