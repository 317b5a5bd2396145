-- Searching the audit log by failure, and counts of its entries over time.

-- Failures and voided deeds are few; finding them must not walk all that went well.
CREATE INDEX entry_outcome ON audit.entry (outcome, id) WHERE outcome >= 2;
CREATE INDEX entry_action_outcome ON audit.entry (action, outcome, id) WHERE outcome >= 2;
-- The code as the leaf spells it; a quote inside of a text is escaped there, so this only ever matches the member.
CREATE INDEX entry_code ON audit.entry (substring(encode(leaf, 'escape') from '"code":"([a-z0-9-]+)"'), id) WHERE outcome >= 2;

-- The next leaf that is to be counted. Its lock is the only one that nodes share; it moves in the transaction that adds what was counted.
CREATE TABLE audit.count_position (
  log_id int NOT NULL PRIMARY KEY,
  next_index bigint NOT NULL
);
INSERT INTO audit.count_position (log_id, next_index) VALUES (1, 0);

-- Entries by hour and by day (Asia/Shanghai), and by what is public of them. Empty text where an entry says nothing.
CREATE TABLE audit.entry_count (
  log_id int NOT NULL,
  span text NOT NULL CHECK (span IN ('hour', 'day')),
  starts_at timestamptz NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  client_id text NOT NULL,
  type_code text NOT NULL, -- of a licence
  entries bigint NOT NULL,
  PRIMARY KEY (log_id, span, starts_at, action, outcome, client_id, type_code)
);
CREATE INDEX entry_count_action ON audit.entry_count (log_id, span, action, starts_at);
