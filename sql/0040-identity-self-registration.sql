-- Systems that register themselves (RFC 7591): the tokens that administrators make for it, and what marks such a client as one.

CREATE TABLE identity.registration_token (
  token_id uuid PRIMARY KEY,
  -- Keyed hash; the token is shown once.
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  uses smallint NOT NULL CHECK (uses BETWEEN 1 AND 1000),
  uses_left smallint NOT NULL CHECK (uses_left BETWEEN 0 AND uses),
  -- What whoever comes with it may register at most.
  api_scopes text[] NOT NULL,
  level_floor smallint NOT NULL CHECK (level_floor BETWEEN 0 AND 5),
  hosts text[] NOT NULL
);

ALTER TABLE identity.client
  -- Registered itself, with this token.
  ADD COLUMN registration_token_id uuid REFERENCES identity.registration_token (token_id),
  -- RFC 7592: keyed hash of the token with which it reads and changes its own registration.
  ADD COLUMN own_token_hash bytea CHECK (length(own_token_hash) = 32),
  -- Pages of its own that people are shown a link to.
  ADD COLUMN policy_uri text,
  ADD COLUMN tos_uri text;
