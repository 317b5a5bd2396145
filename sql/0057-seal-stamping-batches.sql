-- Many documents stamped under one order (批量签章): the order, and a row for each document, which workers of any node claim for a time.

CREATE TABLE seal.batch (
  batch_id uuid PRIMARY KEY,
  owner text NOT NULL,
  request_key text NOT NULL CHECK (length(request_key) <= 255),
  body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
  -- As whom its documents are stamped; what they may do is looked at again for each.
  orderer jsonb NOT NULL,
  seal_id uuid NOT NULL REFERENCES seal.seal (seal_id),
  request jsonb NOT NULL,
  item_count integer NOT NULL CHECK (item_count BETWEEN 1 AND 10000),
  status text NOT NULL CHECK (status IN ('running', 'ended')),
  created_at timestamptz NOT NULL,
  cancelled_at timestamptz,
  ended_at timestamptz,
  -- Nothing is to be had of it before.
  due_at timestamptz NOT NULL,
  -- Whose turn was longest ago is served next, so that a large batch does not keep a small one waiting.
  turn_at timestamptz NOT NULL,
  UNIQUE (owner, request_key),
  CHECK ((status = 'ended') = (ended_at IS NOT NULL))
);
CREATE INDEX batch_turn ON seal.batch (turn_at) WHERE status = 'running';
CREATE INDEX batch_of_owner ON seal.batch (owner, batch_id);

-- `running`: a worker has it until `due_at`; when it has not settled it by then, another takes it. `claims` counts the takers, and only
-- the last one settles. The stamping itself is made once, by its request key.
CREATE TABLE seal.batch_item (
  batch_id uuid NOT NULL REFERENCES seal.batch (batch_id),
  item_no integer NOT NULL CHECK (item_no >= 1),
  document_id uuid NOT NULL REFERENCES seal.document (document_id),
  name text,
  -- Other than those of the order.
  placements jsonb,
  status text NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  claims integer NOT NULL CHECK (claims >= 0),
  tries integer NOT NULL CHECK (tries >= 0),
  due_at timestamptz NOT NULL,
  stamping_id uuid,
  code text,
  settled_at timestamptz,
  PRIMARY KEY (batch_id, item_no),
  -- Each document once.
  UNIQUE (batch_id, document_id),
  CHECK ((status IN ('done', 'failed', 'cancelled')) = (settled_at IS NOT NULL)),
  CHECK ((status = 'done') = (stamping_id IS NOT NULL)),
  CHECK ((status = 'failed') = (code IS NOT NULL))
);
CREATE INDEX batch_item_due ON seal.batch_item (batch_id, due_at, item_no) WHERE status IN ('waiting', 'running');
CREATE INDEX batch_item_status ON seal.batch_item (batch_id, status, item_no);
