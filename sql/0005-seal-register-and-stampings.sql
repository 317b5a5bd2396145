-- Seals and their history, documents, and stampings (用印记录).

CREATE SCHEMA seal;

-- Which status may follow which. History rows refer to it, so a forbidden change cannot be stored by any program.
-- active: 使用; suspended: 停用; lost: 挂失; revoked: 撤销, 吊销; cancelled: 缴销. Expiry is a matter of the clock, not of this table.
CREATE TABLE seal.status_transition (
  from_status text NOT NULL,
  to_status text NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO seal.status_transition (from_status, to_status) VALUES
  ('none', 'active'),
  ('active', 'suspended'),
  ('active', 'lost'),
  ('active', 'revoked'),
  ('active', 'cancelled'),
  ('suspended', 'active'),
  ('suspended', 'lost'),
  ('suspended', 'revoked'),
  ('suspended', 'cancelled'),
  ('lost', 'active'),
  ('lost', 'revoked'),
  ('lost', 'cancelled');

CREATE TABLE seal.status_history (
  seal_id uuid NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  from_status text NOT NULL,
  to_status text NOT NULL,
  reason text NOT NULL,
  effective_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  previous_version integer GENERATED ALWAYS AS (CASE WHEN version > 1 THEN version - 1 END) STORED,
  PRIMARY KEY (seal_id, version),
  UNIQUE (seal_id, version, to_status),
  CHECK ((version = 1) = (from_status = 'none')),
  FOREIGN KEY (from_status, to_status) REFERENCES seal.status_transition (from_status, to_status),
  -- The chain has no gap and every change starts where the one before it ended.
  FOREIGN KEY (seal_id, previous_version, from_status) REFERENCES seal.status_history (seal_id, version, to_status)
);

CREATE TABLE seal.seal (
  seal_id uuid PRIMARY KEY,
  seal_code text NOT NULL UNIQUE CHECK (seal_code ~ '^[0-9]{14}$'),
  name text NOT NULL,
  type text NOT NULL,
  organisation_id uuid NOT NULL,
  organisation_name text NOT NULL,
  organisation_uscc text NOT NULL,
  policies text[] NOT NULL,
  status text NOT NULL,
  status_version integer NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  key_name text NOT NULL,
  certificate_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(certificate_sha256) = 32),
  ses_seal bytea NOT NULL,
  -- The outlines that go into documents; the SES seal carries their digest, and the same face as PNG.
  face bytea NOT NULL,
  width_mm double precision NOT NULL,
  height_mm double precision NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (valid_from < valid_until),
  -- No status without its history row.
  FOREIGN KEY (seal_id, status_version, status) REFERENCES seal.status_history (seal_id, version, to_status)
);
ALTER TABLE seal.seal ALTER COLUMN ses_seal SET STORAGE EXTERNAL;
CREATE INDEX seal_by_status ON seal.seal (status, seal_id);
CREATE INDEX seal_by_organisation ON seal.seal (organisation_id, seal_id);

CREATE TABLE seal.document (
  document_id uuid PRIMARY KEY,
  owner text NOT NULL,
  -- Both are absent for the product of a stamping, which nobody uploaded.
  request_key text CHECK (length(request_key) <= 255),
  body_sha256 bytea,
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  page_count integer NOT NULL,
  content bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (size_bytes = octet_length(content)),
  CHECK ((request_key IS NULL) = (body_sha256 IS NULL)),
  UNIQUE (owner, request_key)
);
-- PDF is compressed already: a second compression costs time and saves nothing.
ALTER TABLE seal.document ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE seal.stamping (
  stamping_id uuid PRIMARY KEY,
  owner text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  document_id uuid NOT NULL REFERENCES seal.document (document_id),
  request jsonb NOT NULL,
  -- A voided stamping that is asked for again is a new attempt; an outcome is stored only by the attempt it belongs to.
  attempt integer NOT NULL CHECK (attempt >= 1),
  status text NOT NULL CHECK (status IN ('intended', 'done', 'voided')),
  intended_at timestamptz NOT NULL,
  abandoned_after timestamptz NOT NULL,
  settled_at timestamptz,
  void_code text,
  product_document_id uuid REFERENCES seal.document (document_id),
  product_sha256 bytea,
  -- The audit entry of the present status.
  entry_id uuid NOT NULL,
  UNIQUE (owner, request_key),
  CHECK ((status = 'intended') = (settled_at IS NULL)),
  CHECK ((status = 'voided') = (void_code IS NOT NULL)),
  CHECK ((status = 'done') = (product_document_id IS NOT NULL)),
  CHECK ((product_document_id IS NULL) = (product_sha256 IS NULL))
);
CREATE INDEX stamping_in_doubt ON seal.stamping (abandoned_after) WHERE status = 'intended';
CREATE INDEX stamping_by_seal ON seal.stamping (seal_id, stamping_id);
