-- The picture that an organisation brings for a seal, made anew from its pixels, and the digest by which it is approved.

ALTER TABLE seal.application
  ADD COLUMN picture_sha256 bytea CHECK (octet_length(picture_sha256) = 32),
  ADD CONSTRAINT application_picture_has_its_digest CHECK ((picture IS NULL) = (picture_sha256 IS NULL));
ALTER TABLE seal.application ALTER COLUMN picture SET STORAGE EXTERNAL;
