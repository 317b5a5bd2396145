-- Organisations have a status. Mandates say in which role, for what, under whose mandate, whether the agent accepted, and how they ended.

ALTER TABLE identity.organisation
  ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed'));

ALTER TABLE identity.mandate
  ADD COLUMN role text NOT NULL DEFAULT 'agent' CHECK (role IN ('representative', 'agent')),
  -- Words of src/kernel/mandate-scopes.ts.
  ADD COLUMN scope text[] NOT NULL DEFAULT '{}',
  -- The seals that `seal:…` is narrowed to; null: all of the organisation.
  ADD COLUMN seal_ids uuid[],
  -- The mandate of whoever appointed; this one holds only while that one does. Null: given by the house.
  ADD COLUMN appointed_under uuid REFERENCES identity.mandate (mandate_id),
  ADD COLUMN accepted_at timestamptz,
  ADD COLUMN ended_as text CHECK (ended_as IN ('declined', 'laid-down', 'revoked', 'succeeded', 'lapsed')),
  -- Of a representative: which register testified, and how it calls its answer.
  ADD COLUMN proof_source text,
  ADD COLUMN proof_reference text,
  -- The first of the two administrators who let a representative succeed without the former one's agreement.
  ADD COLUMN approved_by uuid REFERENCES identity.account (account_id),
  ADD COLUMN request_owner text,
  ADD COLUMN request_key text,
  ADD COLUMN request_sha256 bytea;

-- What was granted before had no words: clerks used seals, all others saw them.
UPDATE identity.mandate m SET accepted_at = m.created_at, ended_as = CASE WHEN m.revoked_at IS NULL THEN NULL ELSE 'revoked' END,
  scope = CASE WHEN 'clerk' = ANY (a.roles)
    THEN ARRAY['seal:read', 'seal:use', 'seal:apply', 'licence:apply', 'licence:receive'] ELSE ARRAY['seal:read'] END
  FROM identity.account a WHERE a.account_id = m.account_id;

ALTER TABLE identity.mandate
  ADD CONSTRAINT mandate_ends_somehow CHECK ((revoked_at IS NULL) = (ended_as IS NULL)),
  ADD CONSTRAINT mandate_request CHECK (
    (request_owner IS NULL) = (request_key IS NULL) AND (request_owner IS NULL) = (request_sha256 IS NULL));

DROP INDEX identity.mandate_by_account;
DROP INDEX identity.mandate_by_organisation;
CREATE INDEX mandate_by_account ON identity.mandate (account_id, mandate_id);
CREATE INDEX mandate_by_organisation ON identity.mandate (organisation_id, mandate_id);
CREATE INDEX mandate_by_appointer ON identity.mandate (appointed_under) WHERE appointed_under IS NOT NULL;
-- One legal representative (法定代表人) at a time, and one claim of a person at a time.
CREATE UNIQUE INDEX mandate_representative ON identity.mandate (organisation_id)
  WHERE role = 'representative' AND accepted_at IS NOT NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX mandate_claim ON identity.mandate (organisation_id, account_id)
  WHERE role = 'representative' AND accepted_at IS NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX mandate_request ON identity.mandate (request_owner, request_key) WHERE request_owner IS NOT NULL;

-- For whom a session acts, by client; the row with no client is what was chosen at sign-in and holds where no client has its own.
CREATE TABLE identity.acting (
  session_digest bytea NOT NULL,
  client_id text NOT NULL,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  -- Null: for nobody but themselves.
  mandate_id uuid REFERENCES identity.mandate (mandate_id),
  chosen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (session_digest, client_id)
);
CREATE INDEX acting_by_expiry ON identity.acting (expires_at);
CREATE INDEX acting_by_account ON identity.acting (account_id, client_id, chosen_at);
