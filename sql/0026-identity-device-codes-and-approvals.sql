-- Grants without a redirect: what a person types for a device (RFC 8628), and what a person is asked to approve on another one (CIBA).

-- A code that a person types leads to the device once: whoever takes the row has it. The index is keyed, because the code is short.
CREATE TABLE identity.user_code (
  code_index bytea PRIMARY KEY CHECK (length(code_index) = 32),
  device_code_sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX user_code_by_expiry ON identity.user_code (expires_at);

-- When the holder of a device code or auth_req_id asked last; who asks too early waits longer from then on (RFC 8628, 3.5).
CREATE TABLE identity.poll_pace (
  request_digest bytea PRIMARY KEY CHECK (length(request_digest) = 32),
  interval_seconds integer NOT NULL,
  last_poll_at timestamptz NOT NULL,
  -- Whether the last question came too early.
  early boolean NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX poll_pace_by_expiry ON identity.poll_pace (expires_at);

-- What systems ask of people who sit elsewhere. The id by which the system asks for its tokens is sealed: nobody reads it from here.
CREATE TABLE identity.approval (
  approval_id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  client_id text NOT NULL REFERENCES identity.client (client_id),
  request_sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_at timestamptz
);
CREATE INDEX approval_open ON identity.approval (account_id, approval_id) WHERE decided_at IS NULL;
CREATE INDEX approval_by_expiry ON identity.approval (expires_at);
