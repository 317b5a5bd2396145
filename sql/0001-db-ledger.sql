-- The ledger of migrations and the one row that serialises them. This file alone is run at every start, so it only creates what is missing.
CREATE SCHEMA IF NOT EXISTS db;
CREATE TABLE IF NOT EXISTS db.migration (
  number int NOT NULL PRIMARY KEY,
  name text NOT NULL,
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  applied_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS db.migration_lock (id int NOT NULL PRIMARY KEY CHECK (id = 1));
INSERT INTO db.migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING;
