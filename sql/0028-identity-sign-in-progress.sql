-- What a sign-in has proven between its steps. A row exists only while a further step is asked for; most sign-ins never have one.

CREATE TABLE identity.sign_in_progress (
  -- Of the interaction's uid, which the signed cookie of one browser names.
  uid_digest bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES identity.account (account_id),
  -- RFC 8176 names of what was proven, and of that what counts for a level above 3 (a factor that was just bound does not yet).
  amr text[] NOT NULL,
  counting_amr text[] NOT NULL,
  -- Steps that the person answered or declined: they are not asked again.
  passed text[] NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_progress_by_expiry ON identity.sign_in_progress (expires_at);
