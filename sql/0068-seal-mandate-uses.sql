-- What a mandate allows so many times it allows with all its seals together, so these counts are of no seal (the nil UUID) rather than of each.

ALTER TABLE seal.use_count DROP CONSTRAINT use_count_seal_id_fkey;
INSERT INTO seal.use_count (seal_id, subject, period, used)
  SELECT '00000000-0000-0000-0000-000000000000', subject, period, sum(used)::int FROM seal.use_count WHERE period = 'term' GROUP BY subject, period;
DELETE FROM seal.use_count WHERE period = 'term' AND seal_id <> '00000000-0000-0000-0000-000000000000';
