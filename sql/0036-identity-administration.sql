-- Administering identity: who may answer for a client's secrets and since when, why one is suspended, and deeds that two people do.

ALTER TABLE identity.client
  -- Counts changes of the registration: whoever changes one says which they have read.
  ADD COLUMN revision integer NOT NULL DEFAULT 1,
  ADD COLUMN disabled_reason text,
  ADD COLUMN secret_created_at timestamptz,
  ADD COLUMN secret_used_at timestamptz,
  -- The secret before this one opens the client beside it until then.
  ADD COLUMN former_secret_hash bytea CHECK (length(former_secret_hash) = 32),
  ADD COLUMN former_secret_created_at timestamptz,
  ADD COLUMN former_secret_used_at timestamptz,
  ADD COLUMN former_secret_until timestamptz,
  ADD CONSTRAINT client_former_secret_ends CHECK ((former_secret_hash IS NULL) = (former_secret_until IS NULL));
UPDATE identity.client SET secret_created_at = created_at WHERE secret_hash IS NOT NULL;

-- Proposed by one administrator, approved by another, and done in the transaction that approves it (双人办理). A deed may name a person,
-- so it is sealed; the kind tells which room reads it.
CREATE TABLE identity.proposal (
  proposal_id uuid PRIMARY KEY,
  kind text NOT NULL,
  deed_sealed bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'done', 'rejected')),
  proposed_by uuid NOT NULL REFERENCES identity.account (account_id),
  proposed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by uuid REFERENCES identity.account (account_id),
  decided_at timestamptz,
  CHECK ((state = 'open') = (decided_by IS NULL AND decided_at IS NULL)),
  CHECK (state <> 'done' OR decided_by <> proposed_by)
);
CREATE INDEX proposal_open ON identity.proposal (proposal_id) WHERE state = 'open';

-- Lists of accounts that administrators look through.
CREATE INDEX account_staff ON identity.account (account_id) WHERE roles <> '{}';
CREATE INDEX account_suspended ON identity.account (account_id) WHERE status = 'suspended';
