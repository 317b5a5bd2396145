-- What a person can prove themselves with besides the password: telephone, time-based codes, passkeys, recovery codes.

CREATE TABLE identity.factor (
  factor_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  kind text NOT NULL CHECK (kind IN ('phone', 'totp', 'passkey')),
  -- What the person calls it.
  label text NOT NULL,
  -- Sealed: the number of a telephone, the secret of a code generator. In the clear: the public key of a passkey (COSE).
  secret bytea NOT NULL,
  -- Finds a telephone by the keyed hash of its number, a passkey by the digest of its credential id.
  lookup bytea,
  credential_id bytea,
  transports text[] NOT NULL DEFAULT '{}',
  -- A passkey that never leaves its device, as its maker says (WebAuthn Level 3, 6.1.3: not backup eligible).
  single_device boolean,
  -- The last time step of a code generator, the signature counter of a passkey: only a higher one is taken.
  last_counter bigint NOT NULL DEFAULT 0,
  -- Before this moment it lends a login no more than level 3: it was bound by a weaker login than the account deserves.
  counts_from timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  removed_at timestamptz,
  CHECK ((kind = 'passkey') = (credential_id IS NOT NULL)),
  CHECK ((kind = 'totp') = (lookup IS NULL))
);
CREATE INDEX factor_by_account ON identity.factor (account_id);
-- A number belongs to one account: to whoever proved last that they hold it.
CREATE UNIQUE INDEX factor_by_lookup ON identity.factor (kind, lookup) WHERE removed_at IS NULL AND lookup IS NOT NULL;

-- Keyed hashes of codes for the day when everything else is lost; each opens once.
CREATE TABLE identity.recovery_code (
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  code_hash bytea NOT NULL,
  counts_from timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (account_id, code_hash)
);

-- Codes that were sent by SMS. One for each purpose and matter (an interaction, a registration): a new one replaces the old.
CREATE TABLE identity.sms_code (
  purpose text NOT NULL,
  context_digest bytea NOT NULL,
  number_sealed bytea NOT NULL,
  -- Whose number it is; null where it is nobody's, and then nothing was sent.
  account_id uuid REFERENCES identity.account (account_id),
  code_hash bytea NOT NULL,
  attempts smallint NOT NULL,
  sent_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (purpose, context_digest)
);
CREATE INDEX sms_code_by_expiry ON identity.sms_code (expires_at);

-- Challenges that a passkey is to sign; each is taken out by the answer to it.
CREATE TABLE identity.passkey_challenge (
  challenge_digest bytea PRIMARY KEY,
  context_digest bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_by_expiry ON identity.passkey_challenge (expires_at);

-- A passkey may be the only way in. A password that was set by recovery lends no more than level 3 for a while; null: it counts.
ALTER TABLE identity.account ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE identity.account ADD COLUMN password_counts_from timestamptz;
