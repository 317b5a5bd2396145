-- Seals of both suites have a second key and certificate, and PDFs with an archive time stamp are renewed before it ends.

-- The key of the international suite beside the SM2 key that stands in seal.seal and seal.former_edition; both certificates are listed in
-- the SES seal of the edition.
CREATE TABLE seal.further_certificate (
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  edition integer NOT NULL,
  key_name text NOT NULL,
  certificate_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(certificate_sha256) = 32),
  PRIMARY KEY (seal_id, edition)
);

-- A document whose last signature is an archive time stamp of ours.
CREATE TABLE seal.archived_document (
  document_id uuid PRIMARY KEY REFERENCES seal.document (document_id),
  owner text NOT NULL,
  -- The first end among the certificates that its last archive time stamp rests on.
  holds_until timestamptz NOT NULL,
  -- Until then the process that is renewing it has it for itself.
  claimed_until timestamptz,
  renewed_as uuid REFERENCES seal.document (document_id)
);
CREATE INDEX archived_document_due ON seal.archived_document (holds_until, document_id) WHERE renewed_as IS NULL;
