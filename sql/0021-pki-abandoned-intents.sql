-- Intents of issuing that a process has left behind are looked for all the time, and there are next to none.
CREATE INDEX certificate_intended ON pki.certificate (intended_at) WHERE state = 'intended';
