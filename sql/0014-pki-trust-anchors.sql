-- Authorities of others that we trust (信任锚), each for its purposes alone. Two administrators add one and withdraw it. Rows stay: a
-- withdrawal is a date. Nothing but `withdrawn_…` ever changes, so whoever has read a row once need only ask whether it is in force.
CREATE TABLE pki.trust_anchor (
  anchor_id uuid PRIMARY KEY,
  certificate_sha256 bytea NOT NULL CHECK (length(certificate_sha256) = 32),
  der bytea NOT NULL,
  purposes text[] NOT NULL CHECK (cardinality(purposes) >= 1 AND purposes <@ ARRAY['seal', 'time-stamp', 'licence', 'seal-maker']),
  proposed_by text NOT NULL,
  approved_by text NOT NULL CHECK (approved_by <> proposed_by),
  added_at timestamptz NOT NULL,
  withdrawn_by text,
  withdrawn_at timestamptz,
  CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
);
CREATE UNIQUE INDEX trust_anchor_in_force ON pki.trust_anchor (certificate_sha256) WHERE withdrawn_at IS NULL;
