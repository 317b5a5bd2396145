-- Entries whose leaf leads to nobody: what is personal lies sealed under a key of each person, and destroying that key erases the person.
-- An index column holds a number of the schema (src/audit/event-schemas.ts) or a tag under the key of the person it belongs to.

-- Leaves are signed: those of an earlier build cannot be rewritten, and this build does not read them.
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM audit.entry) OR EXISTS (SELECT 1 FROM audit.log_checkpoint) THEN
    RAISE EXCEPTION 'the audit log in this database was written by an earlier build before the first release: start with an empty database'
      USING ERRCODE = '0A000';
  END IF;
END $$;

DROP TABLE audit.entry;

-- Partitioned by id: ids are UUIDs of version 7, so a month is a span of ids, and a span of time is a span of every index.
CREATE TABLE audit.entry (
  id uuid NOT NULL,
  action smallint NOT NULL,
  outcome smallint NOT NULL,
  client_id text,
  actor_tag bytea,
  subject_tag bytea,
  object_tag bytea,
  leaf bytea NOT NULL CHECK (length(leaf) BETWEEN 1 AND 65535),
  actor_part bytea,
  subject_part bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX entry_action ON audit.entry (action, id);
CREATE INDEX entry_client ON audit.entry (client_id, id) WHERE client_id IS NOT NULL;
CREATE INDEX entry_actor ON audit.entry (actor_tag, id) WHERE actor_tag IS NOT NULL;
CREATE INDEX entry_subject ON audit.entry (subject_tag, id) WHERE subject_tag IS NOT NULL;
CREATE INDEX entry_object ON audit.entry (object_tag, id) WHERE object_tag IS NOT NULL;

CREATE TABLE audit.entry_default PARTITION OF audit.entry DEFAULT;
DO $$
DECLARE
  first timestamptz := date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  bounds uuid[] := '{}';
BEGIN
  FOR i IN 0..4 LOOP
    bounds := bounds || (rpad(lpad(to_hex((extract(epoch FROM first AT TIME ZONE 'UTC' + make_interval(months => i)) * 1000)::bigint),
      12, '0'), 32, '0'))::uuid;
  END LOOP;
  FOR i IN 0..3 LOOP
    EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.entry FOR VALUES FROM (%L) TO (%L)',
      'entry_' || to_char(first AT TIME ZONE 'UTC' + make_interval(months => i), 'YYYY_MM'), bounds[i + 1], bounds[i + 2]);
  END LOOP;
END $$;

-- Nobody changes or removes a single entry; retention drops whole months; erasure destroys keys and touches no entry.
CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are neither changed nor removed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER entry_is_final BEFORE UPDATE OR DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();

-- The key of each person the log speaks of. `ref`: blind index of the id; `tag`: what entries about the person bear; `wrapped`: the key,
-- sealed by the key-encryption key. Deleting the row is the erasure: nothing else leads from a person to a tag.
CREATE TABLE audit.person_key (
  ref bytea NOT NULL PRIMARY KEY,
  tag bytea NOT NULL UNIQUE,
  wrapped bytea NOT NULL
);

-- Raised by each erasure: a node that has a destroyed key in memory finds out in the statement that would have used it.
CREATE TABLE audit.key_epoch (
  id int NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch bigint NOT NULL
);
INSERT INTO audit.key_epoch (id, epoch) VALUES (1, 1);

CREATE FUNCTION audit.require_key_epoch(known bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF known IS NOT NULL AND known <> (SELECT epoch FROM audit.key_epoch WHERE id = 1) THEN
    RAISE EXCEPTION 'a person was erased since the keys were read' USING ERRCODE = '40001';
  END IF;
  RETURN true;
END $$;
