-- Of the certificates over a key only those matter that were revoked because somebody else may have it: looked for among all of them,
-- a key with many certificates took longer with each.
CREATE INDEX certificate_compromised ON pki.certificate (spki_sha256)
  WHERE spki_sha256 IS NOT NULL AND revocation_reason IN ('keyCompromise', 'cACompromise');
DROP INDEX pki.certificate_spki;
