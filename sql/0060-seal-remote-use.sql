-- Under which policy of use a digest was signed, and which places of its quotas it took, to be given back when it comes to nothing.

ALTER TABLE seal.remote_signature ADD COLUMN policy_version integer;
ALTER TABLE seal.remote_signature ADD COLUMN counted jsonb;
