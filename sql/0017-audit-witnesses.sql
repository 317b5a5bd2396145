-- What witnesses said of the checkpoints of the log (C2SP tlog-cosignature), and which checkpoints may be shown.

CREATE TABLE audit.log_cosignature (
  log_id int NOT NULL,
  size bigint NOT NULL,
  signer text NOT NULL,
  cosigner text NOT NULL, -- key name and hash of the witness, as in `signer`
  line text NOT NULL,
  cosigned_at timestamptz NOT NULL, -- by the witness's clock
  PRIMARY KEY (log_id, size, signer, cosigner),
  FOREIGN KEY (log_id, size, signer) REFERENCES audit.log_checkpoint (log_id, size, signer)
);
CREATE INDEX log_cosignature_newest ON audit.log_cosignature (log_id, signer, cosigner, size DESC);

-- Checkpoints that may leave the house: by the policy of their time enough witnesses had cosigned them. The largest is the one served.
CREATE TABLE audit.log_published (
  log_id int NOT NULL,
  size bigint NOT NULL,
  signer text NOT NULL,
  PRIMARY KEY (log_id, size, signer),
  FOREIGN KEY (log_id, size, signer) REFERENCES audit.log_checkpoint (log_id, size, signer)
);
INSERT INTO audit.log_published (log_id, size, signer)
  SELECT log_id, max(size), signer FROM audit.log_checkpoint GROUP BY log_id, signer;

-- Of several processes one asks the witnesses, so that all witnesses cosign the same checkpoint. A holder that died is followed when its time is over.
CREATE TABLE audit.log_asking (
  log_id int NOT NULL PRIMARY KEY,
  holder uuid NOT NULL,
  until timestamptz NOT NULL
);
INSERT INTO audit.log_asking (log_id, holder, until) VALUES (1, '00000000-0000-0000-0000-000000000000', '-infinity');

-- Every name under which this database ever was a log; the last one begun is its name. A log that was restored from an old
-- state goes on under a new name, because witnesses know more of the old one than it does (src/audit/log-name.ts).
CREATE TABLE audit.log_name (
  log_id int NOT NULL,
  begun_at timestamptz NOT NULL,
  suffix text NOT NULL, -- after the origin that follows from the public address
  PRIMARY KEY (log_id, begun_at)
);

CREATE TRIGGER cosignature_is_final BEFORE UPDATE OR DELETE ON audit.log_cosignature FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE TRIGGER published_is_final BEFORE UPDATE OR DELETE ON audit.log_published FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
CREATE TRIGGER name_is_final BEFORE UPDATE OR DELETE ON audit.log_name FOR EACH ROW EXECUTE FUNCTION audit.refuse_rewrite();
