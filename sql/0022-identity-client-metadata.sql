-- What a business system registers beyond its secret: how it proves itself, which flows and protections it uses, who answers for it.

ALTER TABLE identity.client
  ADD COLUMN auth_method text NOT NULL DEFAULT 'client_secret_basic' CHECK (auth_method IN ('client_secret_basic',
    'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none')),
  -- RFC 7517, public keys by value: nothing that a client names is ever fetched.
  ADD COLUMN jwks jsonb,
  -- RFC 4514, of the certificate that the client authenticates with (RFC 8705, 2.1.2).
  ADD COLUMN tls_subject_dn text,
  ADD COLUMN profile text NOT NULL DEFAULT 'standard'
    CHECK (profile IN ('standard', 'fapi2', 'fapi2-message-signing')),
  ADD COLUMN subject_type text NOT NULL DEFAULT 'public' CHECK (subject_type IN ('public', 'pairwise')),
  ADD COLUMN sector text,
  -- Without refresh_token, which follows from offline_access.
  ADD COLUMN grant_types text[] NOT NULL DEFAULT '{authorization_code}',
  ADD COLUMN response_modes text[] NOT NULL DEFAULT '{query}',
  ADD COLUMN level_floor smallint NOT NULL DEFAULT 0 CHECK (level_floor BETWEEN 0 AND 5),
  ADD COLUMN backchannel_logout_uri text,
  ADD COLUMN id_token_alg text NOT NULL DEFAULT 'ES256' CHECK (id_token_alg IN ('ES256', 'RS256')),
  ADD COLUMN dpop_bound boolean NOT NULL DEFAULT false,
  ADD COLUMN authorization_details_types text[] NOT NULL DEFAULT '{}',
  ADD COLUMN owner_organisation_id uuid REFERENCES identity.organisation (organisation_id),
  ADD COLUMN contacts text[] NOT NULL DEFAULT '{}',
  ADD COLUMN exchange_targets text[] NOT NULL DEFAULT '{}';

UPDATE identity.client SET auth_method = 'none' WHERE kind = 'public';
UPDATE identity.client SET grant_types = '{client_credentials}' WHERE kind = 'system';

ALTER TABLE identity.client DROP CONSTRAINT client_check;
ALTER TABLE identity.client ADD CONSTRAINT client_secret_where_needed
  CHECK ((auth_method IN ('client_secret_basic', 'client_secret_post')) = (secret_hash IS NOT NULL));
ALTER TABLE identity.client ADD CONSTRAINT client_public_proves_nothing
  CHECK ((kind = 'public') = (auth_method = 'none'));
CREATE INDEX client_by_owner ON identity.client (owner_organisation_id) WHERE owner_organisation_id IS NOT NULL;
