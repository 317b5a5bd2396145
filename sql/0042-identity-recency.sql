-- When an account last got or lost a way to sign in, and in which session: a sign-in from before that, elsewhere, is recent no more.

ALTER TABLE identity.account
  ADD COLUMN factors_changed_at timestamptz,
  ADD COLUMN factors_changed_in uuid;
