-- Deeds of two people are tied to what they do, so that a process that ends in one leaves no doubt; an authority's key is followed by another.

-- A proposal is `executed` by the very transaction that does its deed, and `certificate_id` is the intent under which a key acted for
-- it. So what is still `executing` was not done, and whoever ends it (after a minute) ends the intent with it.
ALTER TABLE pki.proposal ADD COLUMN certificate_id uuid REFERENCES pki.certificate (certificate_id);
CREATE INDEX proposal_executing ON pki.proposal (decided_at) WHERE state = 'executing';
-- Of those begun before this, nobody can tell from here.
UPDATE pki.proposal SET state = 'failed', result = 'internal' WHERE state = 'executing';

-- The keys of an authority after its first (RFC 4210, 4.4): `issuer_name` names the key, its certificates, its CRLs and its addresses.
-- The highest generation issues; the others go on telling the status of what they issued.
CREATE TABLE pki.authority_generation (
  ca_name text NOT NULL,
  generation integer NOT NULL CHECK (generation BETWEEN 2 AND 999),
  issuer_name text NOT NULL UNIQUE,
  since timestamptz NOT NULL,
  PRIMARY KEY (ca_name, generation)
);
