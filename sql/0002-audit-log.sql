-- The audit log (审计日志): entries by month, a thin queue, and the Merkle tree that is made of it (C2SP tlog-tiles).
CREATE SCHEMA audit;

-- Written in the deed's own transaction. `leaf` is the truth; the other columns are its index. `detail` is the sealed
-- personal part, of which the leaf holds a salted commitment only.
CREATE TABLE audit.entry (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  client_id text,
  object_ref text,
  subject_ref bytea,
  leaf bytea NOT NULL CHECK (length(leaf) BETWEEN 1 AND 65535),
  detail bytea,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX entry_action ON audit.entry (action, id DESC);
CREATE INDEX entry_client ON audit.entry (client_id, id DESC) WHERE client_id IS NOT NULL;
CREATE INDEX entry_object ON audit.entry (object_ref, id DESC) WHERE object_ref IS NOT NULL;
CREATE INDEX entry_subject ON audit.entry (subject_ref, id DESC) WHERE subject_ref IS NOT NULL;

-- A month without its partition must never refuse a deed; the runner makes the months ahead of time and reports rows in here.
CREATE TABLE audit.entry_default PARTITION OF audit.entry DEFAULT;
DO $$
DECLARE
  first date := date_trunc('month', now() AT TIME ZONE 'UTC');
BEGIN
  FOR i IN 0..3 LOOP
    EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L)',
      'entry_' || to_char(first + make_interval(months => i), 'YYYY_MM'),
      to_char(first + make_interval(months => i), 'YYYY-MM-DD') || ' 00:00:00+00',
      to_char(first + make_interval(months => i + 1), 'YYYY-MM-DD') || ' 00:00:00+00');
  END LOOP;
END $$;

-- An entry is here until it is in the tree. Rows live for milliseconds, so dead ones are cleared by count, not by share.
CREATE TABLE audit.queue (
  log_id int NOT NULL,
  entry_id uuid NOT NULL,
  leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32),
  PRIMARY KEY (log_id, entry_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- Full tiles only; the partial ones are the frontier of log_head. Level 0 knows which entries its hashes are.
CREATE TABLE audit.log_tile (
  log_id int NOT NULL,
  level smallint NOT NULL,
  idx bigint NOT NULL,
  data bytea NOT NULL CHECK (length(data) = 8192),
  entry_ids uuid[],
  min_id uuid,
  max_id uuid,
  PRIMARY KEY (log_id, level, idx),
  CHECK ((level = 0) = (entry_ids IS NOT NULL))
);
ALTER TABLE audit.log_tile ALTER COLUMN data SET STORAGE EXTERNAL; -- hashes do not compress
CREATE INDEX log_tile_span ON audit.log_tile (log_id, max_id, min_id) WHERE level = 0;

-- One row a log; its lock is the only one that sequencers share.
CREATE TABLE audit.log_head (
  log_id int NOT NULL PRIMARY KEY,
  size bigint NOT NULL,
  frontier bytea NOT NULL,
  tail_ids uuid[] NOT NULL
);
INSERT INTO audit.log_head (log_id, size, frontier, tail_ids) VALUES (1, 0, '', '{}');

-- Every checkpoint that was ever signed. `signer` is the key name and hash of the note, so a new name or key begins its own rows.
CREATE TABLE audit.log_checkpoint (
  log_id int NOT NULL,
  size bigint NOT NULL,
  signer text NOT NULL,
  root bytea NOT NULL CHECK (length(root) = 32),
  note text NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (log_id, size, signer)
);

-- Nobody changes or removes a single entry; retention drops whole months. The one change is erasure of the personal part.
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.detail IS NULL
      AND (NEW.id, NEW.at, NEW.action, NEW.outcome, NEW.client_id, NEW.object_ref, NEW.subject_ref, NEW.leaf)
        IS NOT DISTINCT FROM
          (OLD.id, OLD.at, OLD.action, OLD.outcome, OLD.client_id, OLD.object_ref, OLD.subject_ref, OLD.leaf) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'audit entries are neither changed nor removed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER entry_is_final BEFORE UPDATE OR DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();

CREATE FUNCTION audit.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'tiles and checkpoints are neither changed nor removed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER tile_is_final BEFORE UPDATE OR DELETE ON audit.log_tile FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE TRIGGER checkpoint_is_final BEFORE UPDATE OR DELETE ON audit.log_checkpoint FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
