-- Policy of use per seal (用印规则) with its versions, what is counted against its quotas, and requests that wait for approval (用印申请).

CREATE TABLE seal.use_policy (
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  version integer NOT NULL CHECK (version >= 1),
  rules jsonb NOT NULL,
  reason text NOT NULL,
  -- The account that set it, or null for the house.
  set_by uuid,
  set_at timestamptz NOT NULL,
  request_owner text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL,
  entry_id uuid NOT NULL,
  PRIMARY KEY (seal_id, version),
  UNIQUE (request_owner, request_key)
);
CREATE TRIGGER use_policy_is_final BEFORE UPDATE OR DELETE ON seal.use_policy
  FOR EACH ROW EXECUTE FUNCTION seal.refuse_rewrite();

-- One row for each limit that somebody counts against: of the seal, of a user, of a mandate that allows so many uses.
CREATE TABLE seal.use_count (
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  subject text NOT NULL,
  -- A day or month in the policy's time zone, or 'term'.
  period text NOT NULL,
  used integer NOT NULL CHECK (used >= 0),
  PRIMARY KEY (seal_id, subject, period)
);

CREATE TABLE seal.stamping_request (
  request_id uuid PRIMARY KEY,
  owner text NOT NULL,
  -- Under which the person asked; null: a business system did.
  mandate_id uuid,
  organisation_id uuid NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  document_id uuid NOT NULL REFERENCES seal.document (document_id),
  document_sha256 bytea NOT NULL CHECK (octet_length(document_sha256) = 32),
  request jsonb NOT NULL,
  -- Over document, seal, places, purpose and version of the policy: what an approver names, and what is stamped.
  content_sha256 bytea NOT NULL CHECK (octet_length(content_sha256) = 32),
  policy_version integer NOT NULL,
  approvers smallint NOT NULL CHECK (approvers BETWEEN 1 AND 3),
  state text NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'done')),
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_at timestamptz,
  -- Why it was refused or withdrawn.
  reason text,
  stamping_id uuid REFERENCES seal.stamping (stamping_id),
  failure_code text,
  entry_id uuid NOT NULL,
  UNIQUE (owner, request_key),
  FOREIGN KEY (seal_id, policy_version) REFERENCES seal.use_policy (seal_id, version),
  CHECK ((state = 'waiting') = (decided_at IS NULL)),
  CHECK (state <> 'done' OR stamping_id IS NOT NULL)
);
CREATE INDEX stamping_request_by_organisation ON seal.stamping_request (organisation_id, request_id);
CREATE INDEX stamping_request_by_owner ON seal.stamping_request (owner, request_id);

CREATE TABLE seal.stamping_approval (
  request_id uuid NOT NULL REFERENCES seal.stamping_request (request_id),
  account_id uuid NOT NULL,
  mandate_id uuid NOT NULL,
  approved_at timestamptz NOT NULL,
  entry_id uuid NOT NULL,
  PRIMARY KEY (request_id, account_id)
);

ALTER TABLE seal.stamping
  ADD COLUMN document_class text,
  -- Under which version of the policy of use it went; null: there was none.
  ADD COLUMN policy_version integer,
  -- What it was counted against; given back when it is voided.
  ADD COLUMN counted jsonb,
  -- An approved request is stamped once.
  ADD COLUMN stamping_request_id uuid UNIQUE REFERENCES seal.stamping_request (request_id);
