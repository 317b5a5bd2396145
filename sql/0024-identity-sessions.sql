-- Sessions as people see them, what hangs on a session, and what relying parties must still be told of its end.

-- What belongs together is found without opening a payload, so that it can end in one transaction and be read in one statement.
ALTER TABLE identity.oidc_model
  ADD COLUMN account_id uuid,
  -- Of the session that a code or token hangs on.
  ADD COLUMN session_digest bytea,
  -- Of the grants that a session or an interaction names.
  ADD COLUMN grant_digests bytea[];
CREATE INDEX oidc_grant_by_account ON identity.oidc_model (account_id) WHERE model = 'Grant';

-- One row for each session in which somebody signed in. An ended one stays until it would have expired: a request that was under way
-- when it ended cannot bring it back.
CREATE TABLE identity.session (
  -- Follows from the uid (src/identity/session-id.ts).
  session_id uuid PRIMARY KEY,
  uid_digest bytea NOT NULL,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  level smallint NOT NULL,
  -- /24 of IPv4, /48 of IPv6.
  origin text,
  browser text NOT NULL,
  began_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX session_by_account ON identity.session (account_id, began_at DESC, session_id DESC) WHERE ended_at IS NULL;
CREATE INDEX session_by_expiry ON identity.session (expires_at);

-- OpenID Connect Back-Channel Logout 1.0: one row for each relying party of a session that ended, written in the transaction that ends it.
CREATE TABLE identity.logout_notice (
  notice_id uuid PRIMARY KEY,
  client_id text NOT NULL REFERENCES identity.client (client_id),
  account_id uuid NOT NULL,
  sid text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'abandoned')),
  attempts integer NOT NULL,
  -- Of a waiting one: not before. Else when it came to its end.
  due_at timestamptz NOT NULL,
  status integer,
  fault text
);
CREATE INDEX logout_notice_due ON identity.logout_notice (due_at) WHERE state = 'waiting';
CREATE INDEX logout_notice_over ON identity.logout_notice (due_at) WHERE state <> 'waiting';
