-- The addresses under which certificates say that their issuer's CRL is found: a CRL names them all as its scope (RFC 5280, 5.2.5),
-- so that certificates from before a change of PUBLIC_URL are still covered by it.
CREATE TABLE pki.crl_address (
  issuer_name text NOT NULL,
  url text NOT NULL,
  first_used_at timestamptz NOT NULL,
  PRIMARY KEY (issuer_name, url)
);
