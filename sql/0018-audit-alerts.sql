-- Alerts (告警): how far the rules have read the log, what they remember, what they raised, and what is to be delivered to webhooks.

-- The next leaf the rules will read. Its lock is the only one that the nodes share; it moves in the transaction that stores what was
-- raised. A log that is older than this file is followed from here on: history raises no alerts.
CREATE TABLE audit.alert_position (
  log_id int NOT NULL PRIMARY KEY,
  next_index bigint NOT NULL,
  followed_since timestamptz
);
INSERT INTO audit.alert_position (log_id, next_index) SELECT log_id, size FROM audit.log_head;

-- What somebody set; absent means the default. `organisation_id` is empty for the whole house, else `org_…`: its own hours, for example.
CREATE TABLE audit.alert_rule (
  rule text NOT NULL,
  organisation_id text NOT NULL,
  enabled boolean NOT NULL,
  names text[] NOT NULL,
  numbers bigint[] NOT NULL,
  PRIMARY KEY (rule, organisation_id),
  CHECK (cardinality(names) = cardinality(numbers))
);

-- What a rule remembers of one subject: the last moments of a burst, counts by day, whether a key was seen. Bounded for each subject, gone at
-- `keep_until`.
CREATE TABLE audit.alert_memory (
  rule text NOT NULL,
  subject text NOT NULL,
  moments bigint[] NOT NULL,
  counts bigint[] NOT NULL,
  indexes bigint[] NOT NULL,
  note text NOT NULL,
  keep_until timestamptz NOT NULL,
  PRIMARY KEY (rule, subject)
);
CREATE INDEX alert_memory_end ON audit.alert_memory (keep_until);

-- `subject` is a keyed reference where it stands for a person or a network. `indexes`: the first leaves that raised it.
CREATE TABLE audit.alert (
  alert_id uuid NOT NULL PRIMARY KEY,
  rule text NOT NULL,
  subject text NOT NULL,
  severity text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  count bigint NOT NULL CHECK (count > 0),
  indexes bigint[] NOT NULL,
  facts text NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by bytea,
  note bytea,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
-- The second one that goes on for the same subject is the same alert: the last word against doubling.
CREATE UNIQUE INDEX alert_subject ON audit.alert (rule, subject, first_at DESC);
CREATE INDEX alert_rule_newest ON audit.alert (rule, alert_id DESC);
CREATE INDEX alert_severity_newest ON audit.alert (severity, alert_id DESC);
CREATE INDEX alert_open_newest ON audit.alert (alert_id DESC) WHERE acknowledged_at IS NULL;

-- Secrets are sealed; `former_secret` signs beside the new one until `former_until`. `rules` empty: all of them.
CREATE TABLE audit.webhook (
  webhook_id uuid NOT NULL PRIMARY KEY,
  url text NOT NULL,
  description text NOT NULL,
  rules text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'paused', 'gone', 'removed')),
  secret bytea NOT NULL,
  former_secret bytea,
  former_until timestamptz,
  created_at timestamptz NOT NULL,
  request_owner text NOT NULL,
  request_key text NOT NULL,
  request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
  CHECK ((former_secret IS NULL) = (former_until IS NULL))
);
CREATE UNIQUE INDEX webhook_request ON audit.webhook (request_owner, request_key);

-- A durable job each. `due_at` is when it may be taken; whoever takes it moves `due_at` ahead, so a process that dies in the middle only delays it.
CREATE TABLE audit.webhook_delivery (
  delivery_id uuid NOT NULL PRIMARY KEY,
  webhook_id uuid NOT NULL,
  alert_id uuid,
  body text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
  attempts int NOT NULL,
  due_at timestamptz NOT NULL,
  attempted_at timestamptz,
  status int,
  fault text
);
CREATE UNIQUE INDEX webhook_delivery_once ON audit.webhook_delivery (alert_id, webhook_id) WHERE alert_id IS NOT NULL;
CREATE INDEX webhook_delivery_due ON audit.webhook_delivery (due_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_newest ON audit.webhook_delivery (webhook_id, delivery_id DESC);
CREATE INDEX webhook_delivery_state ON audit.webhook_delivery (state, delivery_id DESC);
