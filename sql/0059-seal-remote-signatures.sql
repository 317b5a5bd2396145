-- Signatures over digests whose documents stay elsewhere: one intent for a digest under one authorisation, whose outcome is settled once.

CREATE TABLE seal.remote_signature (
  signature_id uuid PRIMARY KEY,
  -- The token that allows these digests, or the call of a business system, which is its own.
  authorisation text NOT NULL CHECK (length(authorisation) BETWEEN 1 AND 255),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  digest_algorithm text NOT NULL,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  owner text NOT NULL,
  client_id text NOT NULL,
  -- What the software calls the document, if it says so.
  purpose text,
  -- A voided one that is asked for again is a new attempt; an outcome is stored only by the attempt it belongs to.
  attempt integer NOT NULL CHECK (attempt >= 1),
  status text NOT NULL CHECK (status IN ('intended', 'done', 'voided')),
  intended_at timestamptz NOT NULL,
  abandoned_after timestamptz NOT NULL,
  settled_at timestamptz,
  void_code text,
  -- The audit entry of the intent of the present attempt.
  entry_id uuid NOT NULL,
  UNIQUE (authorisation, digest),
  CHECK ((status = 'intended') = (settled_at IS NULL)),
  CHECK ((status = 'voided') = (void_code IS NOT NULL))
);
CREATE INDEX remote_signature_in_doubt ON seal.remote_signature (abandoned_after) WHERE status = 'intended';
CREATE INDEX remote_signature_by_seal ON seal.remote_signature (seal_id, signature_id);

-- The seals that were let to a system, in the order of their list.
CREATE INDEX system_grant_by_client ON seal.system_grant (client_id, seal_id);
