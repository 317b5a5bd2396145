-- Challenges of one sign-in or account are few: the older ones go when new ones come.

CREATE INDEX passkey_challenge_by_context ON identity.passkey_challenge (context_digest, expires_at);
