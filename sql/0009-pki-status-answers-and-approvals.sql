-- Our own authority: changes of status counted per issuer, CRLs in parts with deltas, certificates for keys of others, deeds of two people.

-- `revision` counts the committed changes of status (revoked, suspended, resumed) of an issuer's certificates. The row is locked
-- from the change to its commit, so whoever reads a revision can read every change up to it. No row: no change yet.
CREATE TABLE pki.issuer (
  issuer_name text PRIMARY KEY,
  revision bigint NOT NULL CHECK (revision >= 1)
);

-- `changed_revision`: the issuer's revision at the last change of status; 0: never changed since this column exists.
-- `key_name` is absent for a certificate over a key that is not in our key store; `renews` names the one it follows.
ALTER TABLE pki.certificate
  ADD COLUMN changed_revision bigint NOT NULL DEFAULT 0,
  ADD COLUMN spki_sha256 bytea CHECK (length(spki_sha256) = 32),
  ADD COLUMN renews uuid REFERENCES pki.certificate (certificate_id),
  ALTER COLUMN key_name DROP NOT NULL;
CREATE INDEX certificate_changed ON pki.certificate (issuer_name, changed_revision, serial_hex) WHERE changed_revision > 0;
CREATE INDEX certificate_issuer ON pki.certificate (issuer_name, certificate_id DESC);
CREATE INDEX certificate_profile ON pki.certificate (profile, certificate_id DESC);
CREATE INDEX certificate_spki ON pki.certificate (spki_sha256) WHERE spki_sha256 IS NOT NULL;

-- A row is one number of an authority's CRLs: a full list, a delta against the full list `base_number`, or both.
-- `revision`: every change up to it is in the lists; -1: made before revisions were counted.
ALTER TABLE pki.crl
  ADD COLUMN revision bigint NOT NULL DEFAULT -1,
  ADD COLUMN has_full boolean NOT NULL DEFAULT true,
  ADD COLUMN base_number bigint;
CREATE INDEX crl_full ON pki.crl (issuer_name, number DESC) WHERE has_full;

-- Lists of a million entries are 50 MB: they travel and are kept in pieces.
CREATE TABLE pki.crl_part (
  issuer_name text NOT NULL,
  number bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('full', 'delta')),
  part integer NOT NULL CHECK (part >= 0),
  bytes bytea NOT NULL,
  PRIMARY KEY (issuer_name, number, kind, part)
);
INSERT INTO pki.crl_part (issuer_name, number, kind, part, bytes) SELECT issuer_name, number, 'full', 0, der FROM pki.crl;
ALTER TABLE pki.crl DROP COLUMN der;

-- A deed on a root or an issuing CA, proposed by one administrator and approved by another. `deed` is its canonical JSON, and the
-- digest is what the second one approves. `executing` is taken by one statement, so that a deed is done once or not at all.
CREATE TABLE pki.proposal (
  proposal_id uuid PRIMARY KEY,
  deed text NOT NULL,
  deed_sha256 bytea NOT NULL CHECK (length(deed_sha256) = 32),
  state text NOT NULL CHECK (state IN ('open', 'rejected', 'executing', 'executed', 'failed')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  result text,
  CHECK ((state = 'open') = (decided_by IS NULL AND decided_at IS NULL)),
  CHECK (decided_by IS NULL OR state = 'rejected' OR decided_by <> proposed_by)
);
