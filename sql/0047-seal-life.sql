-- Life of a seal: applications, deeds and the steps they allow, reasons and times, seal codes, former editions, deeds of two people.

-- Which deed leads from which state to which (src/seal/life/deeds.ts says the same with who may do it). It follows the former
-- table of transitions, which knew no deeds.
-- applied: 申请; approved: 审批通过; refused: 不予批准; withdrawn: 撤回; made: 制作; filed: 备案; active: 发布, 使用; suspended: 停用;
-- lost: 挂失; revoked: 吊销, 撤销; cancelled: 缴销.
CREATE TABLE seal.life_step (
  deed text NOT NULL,
  from_status text NOT NULL,
  to_status text NOT NULL,
  PRIMARY KEY (deed, from_status, to_status)
);
INSERT INTO seal.life_step (deed, from_status, to_status) VALUES
  ('enter', 'none', 'active'),
  ('apply', 'none', 'applied'),
  ('withdraw', 'applied', 'withdrawn'),
  ('withdraw', 'approved', 'withdrawn'),
  ('approve', 'applied', 'approved'),
  ('refuse', 'applied', 'refused'),
  ('refuse', 'approved', 'refused'),
  ('make', 'approved', 'made'),
  ('file', 'made', 'filed'),
  ('publish', 'filed', 'active'),
  ('renew', 'active', 'active'),
  ('stop', 'active', 'suspended'),
  ('resume', 'suspended', 'active'),
  ('resume', 'lost', 'active'),
  ('report-lost', 'active', 'lost'),
  ('report-lost', 'suspended', 'lost'),
  ('revoke', 'active', 'revoked'),
  ('revoke', 'suspended', 'revoked'),
  ('revoke', 'lost', 'revoked'),
  ('cancel', 'made', 'cancelled'),
  ('cancel', 'filed', 'cancelled'),
  ('cancel', 'active', 'cancelled'),
  ('cancel', 'suspended', 'cancelled'),
  ('cancel', 'lost', 'cancelled');

-- One row, held until its writer commits: numbers are given in the order in which they become visible, so whoever reads the
-- history by number misses nothing. Steps are rare; stampings never come here.
CREATE TABLE seal.life_counter (
  one boolean PRIMARY KEY CHECK (one),
  last_number bigint NOT NULL
);

ALTER TABLE seal.status_history
  ADD COLUMN deed text,
  ADD COLUMN number bigint,
  -- 0: 吊销, 1: 撤销, 2: 挂失.
  ADD COLUMN invalid_type smallint CHECK (invalid_type BETWEEN 0 AND 2),
  ADD COLUMN description text,
  -- The number under which it was filed (备案编号).
  ADD COLUMN reference text,
  -- When it was asked for; the moment of the step where nobody asked before.
  ADD COLUMN applied_at timestamptz;
UPDATE seal.status_history h SET
  deed = CASE
    WHEN from_status = 'none' THEN 'enter'
    WHEN to_status = 'suspended' THEN 'stop'
    WHEN to_status = 'active' THEN 'resume'
    WHEN to_status = 'lost' THEN 'report-lost'
    WHEN to_status = 'revoked' THEN 'revoke'
    ELSE 'cancel' END,
  invalid_type = CASE to_status WHEN 'revoked' THEN 1 WHEN 'lost' THEN 2 END,
  applied_at = effective_at,
  number = o.number
FROM (SELECT seal_id, version, row_number() OVER (ORDER BY effective_at, seal_id, version) AS number FROM seal.status_history) o
WHERE o.seal_id = h.seal_id AND o.version = h.version;
INSERT INTO seal.life_counter (one, last_number) SELECT true, count(*) FROM seal.status_history;
ALTER TABLE seal.status_history
  ALTER COLUMN deed SET NOT NULL,
  ALTER COLUMN number SET NOT NULL,
  ALTER COLUMN applied_at SET NOT NULL,
  ADD CONSTRAINT status_history_number UNIQUE (number),
  ADD CONSTRAINT status_history_invalid_type CHECK ((invalid_type IS NOT NULL) = (to_status IN ('revoked', 'lost'))),
  DROP CONSTRAINT status_history_from_status_to_status_fkey,
  ADD CONSTRAINT status_history_is_a_step
    FOREIGN KEY (deed, from_status, to_status) REFERENCES seal.life_step (deed, from_status, to_status);
DROP TABLE seal.status_transition;

-- A code belongs to one seal for ever, from before the seal is made.
CREATE TABLE seal.seal_code (
  seal_code text PRIMARY KEY CHECK (seal_code ~ '^[0-9]{14}$'),
  seal_id uuid NOT NULL UNIQUE,
  UNIQUE (seal_code, seal_id)
);
INSERT INTO seal.seal_code (seal_code, seal_id) SELECT seal_code, seal_id FROM seal.seal;
ALTER TABLE seal.seal
  ADD COLUMN edition integer NOT NULL DEFAULT 1 CHECK (edition >= 1),
  ADD CONSTRAINT seal_has_its_code FOREIGN KEY (seal_code, seal_id) REFERENCES seal.seal_code (seal_code, seal_id);

CREATE TABLE seal.application (
  -- Of the seal that it will become.
  seal_id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL,
  organisation_name text NOT NULL,
  organisation_uscc text NOT NULL,
  applicant text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL,
  wish jsonb NOT NULL,
  -- An uploaded picture, as it was encoded anew.
  picture bytea,
  status text NOT NULL,
  status_version integer NOT NULL,
  applied_at timestamptz NOT NULL,
  UNIQUE (applicant, request_key),
  FOREIGN KEY (seal_id, status_version, status) REFERENCES seal.status_history (seal_id, version, to_status)
);
CREATE INDEX application_by_status ON seal.application (status, seal_id);
CREATE INDEX application_by_organisation ON seal.application (organisation_id, seal_id);

-- A renewed seal has a new certificate, and so was made anew; what was signed under the former ones is still judged.
CREATE TABLE seal.former_edition (
  certificate_sha256 bytea PRIMARY KEY CHECK (octet_length(certificate_sha256) = 32),
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  edition integer NOT NULL,
  key_name text NOT NULL,
  ses_seal bytea NOT NULL,
  face bytea NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  superseded_at timestamptz NOT NULL,
  UNIQUE (seal_id, edition)
);

CREATE TABLE seal.proposal (
  proposal_id uuid PRIMARY KEY,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  deed text NOT NULL CHECK (deed IN ('revoke', 'cancel')),
  invalid_type smallint,
  reason text NOT NULL,
  description text,
  state text NOT NULL CHECK (state IN ('open', 'done', 'rejected')),
  proposed_by uuid NOT NULL,
  proposed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  CHECK ((state = 'open') = (decided_by IS NULL)),
  CHECK ((state = 'open') = (decided_at IS NULL)),
  CHECK (state <> 'done' OR decided_by <> proposed_by),
  CHECK ((deed = 'revoke') = (invalid_type IN (0, 1) AND invalid_type IS NOT NULL))
);
CREATE INDEX proposal_by_seal ON seal.proposal (seal_id, proposal_id);

-- A seal that is stopped is stopped from a moment that no released signature lies behind.
CREATE INDEX stamping_by_settling ON seal.stamping (seal_id, settled_at) WHERE status = 'done';

CREATE FUNCTION seal.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what a seal went through is neither changed nor removed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER history_is_final BEFORE UPDATE OR DELETE ON seal.status_history
  FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();
CREATE TRIGGER former_edition_is_final BEFORE UPDATE OR DELETE ON seal.former_edition
  FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();
CREATE TRIGGER seal_code_is_final BEFORE UPDATE OR DELETE ON seal.seal_code
  FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();
CREATE TRIGGER seal_stays BEFORE DELETE ON seal.seal FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();
CREATE TRIGGER application_stays BEFORE DELETE ON seal.application FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();

-- The foreign keys tie a state to a row of the history, which is a step from the one before; here, that it is the next one:
-- otherwise a revoked seal could be pointed back to the row in which it was in use.
CREATE FUNCTION seal.refuse_jump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = OLD.status AND NEW.status_version = OLD.status_version THEN RETURN NEW; END IF;
  IF NEW.status_version = OLD.status_version + 1 THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a seal goes from one state to the next by a step of its history' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER seal_steps BEFORE UPDATE ON seal.seal FOR EACH ROW EXECUTE FUNCTION seal.refuse_jump();
CREATE TRIGGER application_steps BEFORE UPDATE ON seal.application FOR EACH ROW EXECUTE FUNCTION seal.refuse_jump();
