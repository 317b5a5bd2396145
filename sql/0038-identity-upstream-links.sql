-- Which account a login at another platform leads to. The platform's name of the person is kept as a keyed hash only.

CREATE TABLE identity.upstream_link (
  link_id uuid PRIMARY KEY,
  upstream text NOT NULL,
  subject_index bytea NOT NULL,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  linked_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  removed_at timestamptz
);
-- A person of the platform has one account here, and an account one person there.
CREATE UNIQUE INDEX upstream_link_by_subject ON identity.upstream_link (upstream, subject_index) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX upstream_link_by_account ON identity.upstream_link (account_id, upstream) WHERE removed_at IS NULL;
