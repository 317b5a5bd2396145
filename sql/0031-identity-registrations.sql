-- People who registered as far as proving a telephone number: what the browser's cookie leads to until the account is made.

CREATE TABLE identity.registration (
  token_digest bytea PRIMARY KEY,
  number_sealed bytea NOT NULL,
  terms_version text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX registration_by_expiry ON identity.registration (expires_at);
