-- Months of the audit log that were moved to files, and the right to move them, which one process has at a time (src/audit/archive).

-- Written in the transaction that detaches the month: there is no moment in which a month is in neither place.
CREATE TABLE audit.archived_month (
  log_id int NOT NULL,
  month text NOT NULL CHECK (month ~ '^\d{4}-\d{2}$'),
  entries bigint NOT NULL,
  end_index bigint NOT NULL, -- no leaf at or beyond it is of this month; a multiple of 256
  checkpoint_size bigint NOT NULL, -- of the signed tree that covers the files
  manifest_sha256 bytea NOT NULL CHECK (length(manifest_sha256) = 32),
  archived_at timestamptz NOT NULL,
  PRIMARY KEY (log_id, month)
);
CREATE TRIGGER archived_month_is_final BEFORE UPDATE OR DELETE ON audit.archived_month
  FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();

-- A holder that died is followed when its time is over.
CREATE TABLE audit.archive_lease (
  log_id int NOT NULL PRIMARY KEY,
  holder uuid NOT NULL,
  until timestamptz NOT NULL
);
INSERT INTO audit.archive_lease (log_id, holder, until) VALUES (1, '00000000-0000-0000-0000-000000000000', '-infinity');
