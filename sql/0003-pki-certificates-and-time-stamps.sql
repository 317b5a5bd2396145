-- Our own authority (电子认证): certificates and their status, the certificate bound to each key, CRLs, and the serials of time stamps.

CREATE SCHEMA pki;

-- A row is written, with its audit entry, before the issuing key acts. `intended`: no outcome known, never released;
-- `voided`: signing failed, or another process was first; only `issued` rows have bytes. The serial is 127 random bits.
CREATE TABLE pki.certificate (
  certificate_id uuid PRIMARY KEY,
  serial_hex text NOT NULL UNIQUE CHECK (serial_hex ~ '^[0-9a-f]{2,40}$'),
  issuer_name text NOT NULL,
  profile text NOT NULL,
  key_name text NOT NULL,
  state text NOT NULL CHECK (state IN ('intended', 'issued', 'voided')),
  der bytea,
  not_before timestamptz NOT NULL,
  not_after timestamptz NOT NULL,
  intended_at timestamptz NOT NULL,
  issued_at timestamptz,
  revoked_at timestamptz,
  revocation_reason text,
  CHECK ((state = 'issued') = (der IS NOT NULL AND issued_at IS NOT NULL)),
  CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL)),
  CHECK (revoked_at IS NULL OR state = 'issued')
);
CREATE INDEX certificate_key ON pki.certificate (key_name, certificate_id DESC);
CREATE INDEX certificate_revoked ON pki.certificate (issuer_name, serial_hex) WHERE revoked_at IS NOT NULL;

-- The certificate that a key acts under now. Key names of authorities are also their names in URLs (/crl/{ca}.crl).
CREATE TABLE pki.key_binding (
  key_name text PRIMARY KEY,
  certificate_id uuid NOT NULL REFERENCES pki.certificate (certificate_id),
  bound_at timestamptz NOT NULL
);

-- `revoked_count`: how many revocations the list holds; another count in pki.certificate means that a new list is due.
CREATE TABLE pki.crl (
  issuer_name text NOT NULL,
  number bigint NOT NULL CHECK (number >= 1),
  this_update timestamptz NOT NULL,
  next_update timestamptz NOT NULL,
  revoked_count bigint NOT NULL,
  der bytea NOT NULL,
  PRIMARY KEY (issuer_name, number)
);

-- Every serial that a time-stamp token was ever going to have (RFC 3161, 2.4.2: unique for each token, also after a crash).
CREATE TABLE pki.time_stamp (
  serial_hex text PRIMARY KEY CHECK (serial_hex ~ '^[0-9a-f]{2,40}$'),
  gen_time timestamptz NOT NULL,
  digest_algorithm text NOT NULL,
  imprint bytea NOT NULL
);
CREATE INDEX time_stamp_time ON pki.time_stamp (gen_time DESC);
