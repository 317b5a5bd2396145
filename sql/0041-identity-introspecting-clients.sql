-- Systems that may ask what a token says that was made for them (RFC 7662).

ALTER TABLE identity.client ADD COLUMN introspects boolean NOT NULL DEFAULT false;
