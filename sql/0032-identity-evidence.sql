-- Evidence of real-name levels says who testified and under which reference; its end is recorded once. Face checks that wait for their result.

ALTER TABLE identity.evidence
  ADD COLUMN source text NOT NULL DEFAULT 'enrolment',
  -- What the verifier calls this check, sealed: with it the verifier knows the person.
  ADD COLUMN reference_sealed bytea,
  ADD COLUMN expiry_recorded_at timestamptz;
CREATE INDEX evidence_to_expire ON identity.evidence (expires_at)
  WHERE expires_at IS NOT NULL AND withdrawn_at IS NULL AND expiry_recorded_at IS NULL;

-- A face check between its start and its result: of one account, settled once.
CREATE TABLE identity.face_check (
  check_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  reference_sealed bytea NOT NULL,
  -- Keyed hash of the name and number that were checked: a result counts for no other.
  person_index bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  settled_at timestamptz
);
CREATE INDEX face_check_by_expiry ON identity.face_check (expires_at);
CREATE INDEX face_check_by_account ON identity.face_check (account_id);
