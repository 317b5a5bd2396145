-- Licence types (证照目录), issuing authorities with their keys, and licences (电子证照) with their status.

CREATE SCHEMA licence;

-- The number stands for the type code in QR codes: once given, it never means another type.
CREATE TABLE licence.licence_type (
  type_code text PRIMARY KEY CHECK (type_code ~ '^[0-9A-Z]{18}[0-9]{3}$'),
  catalogue_number integer NOT NULL UNIQUE CHECK (catalogue_number >= 1),
  current_version integer NOT NULL CHECK (current_version >= 1)
);

-- A published version never changes: licences refer to the one they were issued under.
CREATE TABLE licence.licence_type_version (
  type_code text NOT NULL REFERENCES licence.licence_type (type_code),
  version integer NOT NULL CHECK (version >= 1),
  definition jsonb NOT NULL,
  definition_sha256 bytea NOT NULL CHECK (octet_length(definition_sha256) = 32),
  published_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  PRIMARY KEY (type_code, version)
);

CREATE TABLE licence.issuer (
  issuer_code text PRIMARY KEY CHECK (issuer_code ~ '^[0-9A-Z]{18}$'),
  name_zh text NOT NULL,
  name_en text NOT NULL,
  -- The key that signs new licences; older keys stay in issuer_key for as long as codes they signed may be shown.
  signing_kid bytea
);

CREATE TABLE licence.issuer_key (
  kid bytea PRIMARY KEY CHECK (octet_length(kid) = 8),
  issuer_code text NOT NULL REFERENCES licence.issuer (issuer_code),
  key_name text NOT NULL UNIQUE,
  algorithm text NOT NULL CHECK (algorithm IN ('ES256', 'EdDSA', 'SM2')),
  spki bytea NOT NULL,
  UNIQUE (issuer_code, kid)
);
ALTER TABLE licence.issuer ADD FOREIGN KEY (issuer_code, signing_kid) REFERENCES licence.issuer_key (issuer_code, kid);

CREATE TABLE licence.issuer_type (
  issuer_code text NOT NULL REFERENCES licence.issuer (issuer_code),
  type_code text NOT NULL REFERENCES licence.licence_type (type_code),
  PRIMARY KEY (issuer_code, type_code)
);
CREATE INDEX issuer_type_by_type ON licence.issuer_type (type_code, issuer_code);

-- Which act leads from which status to which; history rows refer to it, so no program can store a forbidden change.
-- suspend: 暂扣; resume: 恢复; revoke: 吊销. Expiry is a matter of the clock, not of this table.
CREATE TABLE licence.status_transition (
  act text NOT NULL,
  from_status text NOT NULL,
  to_status text NOT NULL,
  PRIMARY KEY (act, from_status),
  UNIQUE (act, from_status, to_status)
);

INSERT INTO licence.status_transition (act, from_status, to_status) VALUES
  ('intend', 'none', 'intended'),
  ('issue', 'intended', 'active'),
  ('void', 'intended', 'voided'),
  ('intend', 'voided', 'intended'),
  ('suspend', 'active', 'suspended'),
  ('resume', 'suspended', 'active'),
  ('revoke', 'active', 'revoked'),
  ('revoke', 'suspended', 'revoked');

-- Per-holder tables carry the holder's bucket (12 bits of a keyed hash, also inside the id) in every key: distribution needs it.
-- The reason of a change may name people: it is sealed in the audit entry and stands nowhere else.
CREATE TABLE licence.status_history (
  bucket smallint NOT NULL,
  licence_id uuid NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  act text NOT NULL,
  from_status text NOT NULL,
  to_status text NOT NULL,
  effective_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  previous_version integer GENERATED ALWAYS AS (CASE WHEN version > 1 THEN version - 1 END) STORED,
  PRIMARY KEY (bucket, licence_id, version),
  UNIQUE (bucket, licence_id, version, to_status),
  CHECK ((version = 1) = (from_status = 'none')),
  -- The chain has no gap and every change starts where the one before it ended.
  FOREIGN KEY (bucket, licence_id, previous_version, from_status)
    REFERENCES licence.status_history (bucket, licence_id, version, to_status),
  FOREIGN KEY (act, from_status, to_status) REFERENCES licence.status_transition (act, from_status, to_status)
);

CREATE TABLE licence.licence (
  bucket smallint NOT NULL CHECK (bucket BETWEEN 0 AND 4095),
  licence_id uuid NOT NULL,
  owner text NOT NULL,
  type_code text NOT NULL,
  type_version integer NOT NULL,
  issuer_code text NOT NULL REFERENCES licence.issuer (issuer_code),
  identifier text NOT NULL,
  serial_number text NOT NULL,
  version integer NOT NULL CHECK (version BETWEEN 1 AND 999),
  holder_kind text NOT NULL CHECK (holder_kind IN ('person', 'organisation')),
  -- Equality search by kind and number of the identity document; the number itself is only in `sealed`.
  holder_index bytea NOT NULL CHECK (octet_length(holder_index) = 32),
  -- Holder and claims, encrypted.
  sealed bytea NOT NULL,
  valid_from date NOT NULL,
  valid_until date,
  status_list integer NOT NULL,
  status_index integer NOT NULL,
  status text NOT NULL,
  status_version integer NOT NULL CHECK (status_version >= 1),
  intended_at timestamptz NOT NULL,
  issued_at timestamptz,
  -- The signed EL1 code; it holds name and number tail, so it is encrypted too.
  sealed_code bytea,
  -- The audit entry of the present status.
  entry_id uuid NOT NULL,
  PRIMARY KEY (bucket, licence_id),
  -- No status without its history row.
  FOREIGN KEY (bucket, licence_id, status_version, status)
    REFERENCES licence.status_history (bucket, licence_id, version, to_status),
  FOREIGN KEY (type_code, type_version) REFERENCES licence.licence_type_version (type_code, version),
  CHECK (valid_until IS NULL OR valid_from <= valid_until),
  CHECK ((status IN ('intended', 'voided')) = (issued_at IS NULL)),
  CHECK ((issued_at IS NULL) = (sealed_code IS NULL))
);
CREATE INDEX licence_by_holder ON licence.licence (bucket, holder_index, licence_id);
CREATE INDEX licence_in_doubt ON licence.licence (intended_at) WHERE status = 'intended';

-- What must be unique over all holders stands in tables of its own, which lead to the bucket.
CREATE TABLE licence.request (
  owner text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
  bucket smallint NOT NULL,
  licence_id uuid NOT NULL,
  PRIMARY KEY (owner, request_key)
);

CREATE TABLE licence.identifier (
  identifier text PRIMARY KEY,
  bucket smallint NOT NULL,
  licence_id uuid NOT NULL
);

CREATE TABLE licence.status_entry (
  list integer NOT NULL CHECK (list >= 0),
  index integer NOT NULL CHECK (index BETWEEN 0 AND 1048575),
  bucket smallint NOT NULL,
  licence_id uuid NOT NULL,
  PRIMARY KEY (list, index)
);
