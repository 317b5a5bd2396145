-- Accounts with their real-name evidence, organisations and mandates, OIDC clients, the OIDC engine's state, and sign-in limits.

CREATE SCHEMA identity;

CREATE TABLE identity.account (
  account_id uuid PRIMARY KEY,
  login_name text NOT NULL UNIQUE CHECK (login_name ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
  password_hash text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
  roles text[] NOT NULL,
  -- Sealed by the field cipher; the index finds an account by its number without opening any.
  name_sealed bytea NOT NULL,
  id_type text NOT NULL,
  id_number_sealed bytea NOT NULL,
  id_number_index bytea NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX account_by_id_number ON identity.account (id_number_index);

-- The real-name level (实名等级) is the highest of the evidence that still counts.
CREATE TABLE identity.evidence (
  evidence_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  method text NOT NULL,
  established_at timestamptz NOT NULL,
  expires_at timestamptz,
  withdrawn_at timestamptz
);
CREATE INDEX evidence_by_account ON identity.evidence (account_id);

CREATE TABLE identity.organisation (
  organisation_id uuid PRIMARY KEY,
  uscc text NOT NULL UNIQUE CHECK (length(uscc) = 18),
  name text NOT NULL,
  created_at timestamptz NOT NULL
);

-- Who (经办人) may act for which organisation (法人), why, and until when.
CREATE TABLE identity.mandate (
  mandate_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  organisation_id uuid NOT NULL REFERENCES identity.organisation (organisation_id),
  purpose text NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL,
  CHECK (valid_from < valid_until)
);
CREATE INDEX mandate_by_account ON identity.mandate (account_id);
CREATE INDEX mandate_by_organisation ON identity.mandate (organisation_id);

CREATE TABLE identity.client (
  client_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('system', 'public', 'confidential')),
  name text NOT NULL,
  name_en text NOT NULL,
  -- Keyed hash under the key-encryption key: a copy of this table alone opens no client.
  secret_hash bytea CHECK (length(secret_hash) = 32),
  redirect_uris text[] NOT NULL,
  post_logout_redirect_uris text[] NOT NULL,
  api_scopes text[] NOT NULL,
  offline_access boolean NOT NULL,
  first_party boolean NOT NULL,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL,
  CHECK ((kind = 'public') = (secret_hash IS NULL))
);

-- Sessions, interactions, grants, codes and tokens of the OIDC engine. Identifiers are stored as digests and payloads sealed,
-- so that a copy of this table is no set of keys to open sessions.
CREATE TABLE identity.oidc_model (
  model text NOT NULL,
  id_digest bytea NOT NULL,
  payload bytea NOT NULL,
  grant_digest bytea,
  uid_digest bytea,
  expires_at timestamptz NOT NULL,
  consumed_at timestamptz,
  PRIMARY KEY (model, id_digest)
);
CREATE INDEX oidc_model_by_grant ON identity.oidc_model (grant_digest) WHERE grant_digest IS NOT NULL;
CREATE INDEX oidc_model_by_uid ON identity.oidc_model (model, uid_digest) WHERE uid_digest IS NOT NULL;
CREATE INDEX oidc_model_by_expiry ON identity.oidc_model (expires_at);

-- Counters of sign-in attempts: one row per account and origin, per account, and per origin, each with its window.
CREATE TABLE identity.sign_in_attempt (
  subject text PRIMARY KEY,
  attempts integer NOT NULL,
  window_ends_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_by_window ON identity.sign_in_attempt (window_ends_at);

-- Origins from which an account has signed in with success: strangers elsewhere cannot lock these out.
CREATE TABLE identity.known_origin (
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  origin text NOT NULL,
  last_seen_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, origin)
);
