-- A certificate asked for over the API is made once, however often it is asked for: the Idempotency-Key of its owner, and the digest
-- of what was asked. A failed issue gives the key free again.
ALTER TABLE pki.certificate
  ADD COLUMN request_owner text,
  ADD COLUMN request_key text,
  ADD COLUMN request_sha256 bytea,
  ADD CHECK ((request_owner IS NULL) = (request_key IS NULL) AND (request_owner IS NULL) = (request_sha256 IS NULL));
CREATE UNIQUE INDEX certificate_request ON pki.certificate (request_owner, request_key) WHERE request_key IS NOT NULL;

CREATE INDEX proposal_newest ON pki.proposal (proposal_id DESC);
