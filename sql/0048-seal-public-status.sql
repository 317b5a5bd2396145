-- How often the public status of seals was asked for from where (a /24 or /48), in the present minute.

CREATE TABLE seal.status_lookup (
  origin text PRIMARY KEY,
  minute timestamptz NOT NULL,
  count integer NOT NULL CHECK (count >= 1)
);
CREATE INDEX status_lookup_by_minute ON seal.status_lookup (minute);
