-- Digest-only stampings: the document stays with the business system, the seal signs a digest of it once, within a short time.

CREATE TABLE seal.digest_stamping (
  digest_stamping_id uuid PRIMARY KEY,
  owner text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  -- The edition of the seal that the caller was given, and prepares the document with.
  certificate_sha256 bytea NOT NULL CHECK (octet_length(certificate_sha256) = 32),
  request jsonb NOT NULL,
  signing_time timestamptz NOT NULL,
  contents_size_bytes integer NOT NULL CHECK (contents_size_bytes > 0),
  sign_until timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('prepared', 'intended', 'done', 'voided')),
  signed_digest bytea CHECK (octet_length(signed_digest) = 32),
  -- Of Signature.xml in an OFD; a PDF has none.
  signed_path text,
  intended_at timestamptz,
  abandoned_after timestamptz,
  settled_at timestamptz,
  void_code text,
  value bytea,
  -- Under which version of the policy of use it went, and what it was counted against; given back when it is voided.
  policy_version integer,
  counted jsonb,
  -- The audit entry of the present status; what is only prepared has used no seal.
  entry_id uuid,
  UNIQUE (owner, request_key),
  CHECK ((status = 'prepared') = (signed_digest IS NULL)),
  CHECK ((status = 'prepared') = (entry_id IS NULL)),
  CHECK ((status = 'prepared') = (intended_at IS NULL)),
  CHECK ((intended_at IS NULL) = (abandoned_after IS NULL)),
  CHECK ((status IN ('done', 'voided')) = (settled_at IS NOT NULL)),
  CHECK ((status = 'voided') = (void_code IS NOT NULL)),
  CHECK ((status = 'done') = (value IS NOT NULL))
);
CREATE INDEX digest_stamping_in_doubt ON seal.digest_stamping (abandoned_after) WHERE status = 'intended';
CREATE INDEX digest_stamping_by_seal ON seal.digest_stamping (seal_id, digest_stamping_id);
