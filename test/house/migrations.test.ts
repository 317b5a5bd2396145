// The engine-neutral lint (docs/scale.md): what no migration and no statement may use, and the bucket in every key of a per-holder table.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, projectRoot, sourceFiles } from './source-tree.ts';

/** PostgreSQL has these; Citus, YugabyteDB or CockroachDB lack them or give them another meaning, or they order by arrival. */
const everywhere: Readonly<Record<string, RegExp>> = {
  'a sequence': /\bcreate sequence\b|\bnextval\b/i,
  'an id made by the database': /\bgen_random_uuid\b|\buuid_generate|\buuidv7\s*\(/i,
  'an internal column or number': /\bxid8?\b|\bctid\b|\bxmin\b|\bxmax\b|\btxid_current|\bpg_current_xact_id/i,
  GiST: /\busing\s+(?:sp)?gist\b/i,
  'an exclusion constraint': /\bexclude\s+(?:using|\()/i,
  'a deferred constraint': /\bdeferrable\b|\binitially deferred\b|\bset constraints\b/i,
  'a table lock': /\block\s+table\b/i,
  'an advisory lock': /\bpg_(?:try_)?advisory/i,
  'LISTEN or NOTIFY': /\blisten\s+[a-z_]+\s*['";`]|\bnotify\s+[a-z_]+\s*['";`,]|\bpg_notify\b/i,
};

/** In migrations only: how tables are made. */
const inMigrations: Readonly<Record<string, RegExp>> = {
  'a number made by the database': /\b(?:small|big)?serial\d?\b|\bas identity\b/i,
  'a time without zone': /\btimestamp(?!tz)(?:\s*\(\d+\))?(?!\s+with time zone)\b/i,
  'a table outside the WAL': /\bunlogged\b/i,
  'an engine of another kind': /\btablespace\b|\binherits\s*\(/i,
};

/** Unique over all holders, so they cannot have the bucket in their key: they lead to it. A new one is a decision (docs/scale.md). */
const directories = ['licence.identifier', 'licence.request', 'licence.status_entry'];

const names = readdirSync(join(projectRoot, 'sql')).filter((name) => name.endsWith('.sql'));
const migrations = names.map((name) => ({
  name,
  sql: withoutComments(readFileSync(join(projectRoot, 'sql', name), 'utf8')),
}));
const schema = migrations.map(({ sql }) => sql).join('\n');

describe('docs/scale.md, engine-neutral lint', () => {
  it('reads all migrations, each under a name of its number, room and matter', () => {
    assert.ok(migrations.length >= 12, `only ${migrations.length} migrations were found`);
    assert.deepEqual(
      names.filter((name) => !/^\d{4}-[a-z]+-[a-z0-9-]+\.sql$/.test(name)),
      [],
    );
  });

  it('finds nothing in the migrations that other engines lack', () => {
    const rules = { ...everywhere, ...inMigrations };
    assert.deepEqual(
      migrations.flatMap(({ name, sql }) => faultsOf(sql, rules).map((fault) => `${name}: ${fault}`)),
      [],
    );
  });

  it('finds nothing in the statements of the rooms that other engines lack', () => {
    const files = sourceFiles().filter((file) => !['web', 'contract'].includes(file.room));
    assert.ok(files.length > 100);
    assert.deepEqual(
      files.flatMap((file) => faultsOf(codeOf(file), everywhere).map((fault) => `${file.path}: ${fault}`)),
      [],
    );
  });

  it('finds the bucket in every key of every per-holder table', () => {
    const found = tablesOf(schema);
    assert.ok(found.size > 30, `only ${found.size} tables were read`);
    assert.ok([...found.values()].filter(({ hasBucket }) => hasBucket).length >= 5);
    assert.deepEqual(bucketFaults(schema, directories), []);
  });

  it('would find each of them', () => {
    const bad: Readonly<Record<string, string>> = {
      'a sequence': `SELECT nextval('x.y_seq')`,
      'an id made by the database': 'ALTER TABLE x.y ALTER id SET DEFAULT gen_random_uuid()',
      'an internal column or number': 'SELECT ctid FROM x.y',
      GiST: 'CREATE INDEX i ON x.y USING gist (z)',
      'an exclusion constraint': 'EXCLUDE USING btree (z WITH =)',
      'a deferred constraint': 'UNIQUE (z) DEFERRABLE INITIALLY DEFERRED',
      'a table lock': 'LOCK TABLE x.y IN SHARE MODE',
      'an advisory lock': 'SELECT pg_try_advisory_xact_lock(1)',
      'LISTEN or NOTIFY': `client.query('LISTEN audit_queue')`,
      'a number made by the database': 'CREATE TABLE x.y (id bigint GENERATED ALWAYS AS IDENTITY)',
      'a time without zone': 'CREATE TABLE x.y (at timestamp NOT NULL)',
      'a table outside the WAL': 'CREATE UNLOGGED TABLE x.y (z int)',
      'an engine of another kind': 'CREATE TABLE x.y (z int) TABLESPACE fast',
    };
    const rules = { ...everywhere, ...inMigrations };
    assert.deepEqual(Object.keys(bad), Object.keys(rules));
    for (const [fault, sql] of Object.entries(bad)) assert.deepEqual(faultsOf(sql, rules), [fault]);
    assert.deepEqual(faultsOf('CREATE TABLE x.y (at timestamptz, b timestamp with time zone)', rules), []);
    const holder =
      'CREATE TABLE h.a (\n  bucket smallint NOT NULL,\n  id uuid NOT NULL,\n  PRIMARY KEY (bucket, id)\n);';
    const other = (body: string) => bucketFaults(`${holder}\nCREATE TABLE h.b (\n  bucket smallint,\n${body}\n);`, []);
    assert.deepEqual(other('  id uuid,\n  PRIMARY KEY (bucket, id)'), []);
    assert.deepEqual(other('  id uuid PRIMARY KEY'), ['h.b: PRIMARY KEY (id)']);
    assert.deepEqual(other('  id uuid UNIQUE,\n  PRIMARY KEY (bucket, id)'), ['h.b: UNIQUE (id)']);
    assert.deepEqual(other('  id uuid,\n  PRIMARY KEY (id)'), ['h.b: PRIMARY KEY (id)']);
    assert.deepEqual(other('  id uuid,\n  PRIMARY KEY (bucket, id),\n  FOREIGN KEY (id) REFERENCES h.a (id)'), [
      'h.b: FOREIGN KEY (id) REFERENCES h.a',
    ]);
    const indexed = `${holder}\nCREATE UNIQUE INDEX u ON h.a (id);`;
    assert.deepEqual(bucketFaults(indexed, []), ['h.a: UNIQUE INDEX (id)']);
  });
});

function faultsOf(text: string, rules: Readonly<Record<string, RegExp>>): string[] {
  return Object.entries(rules)
    .filter(([, pattern]) => pattern.test(text))
    .map(([fault]) => fault);
}

interface Table {
  readonly hasBucket: boolean;
  readonly body: string;
}

function tablesOf(sql: string): Map<string, Table> {
  const tables = [...sql.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?([\w.]+) \(\n([\s\S]*?)\n\)/g)];
  return new Map(
    tables.map(([, name = '', body = '']) => [name, { body, hasBucket: /^\s*bucket smallint\b/m.test(body) }]),
  );
}

/** Keys without the bucket, in tables that have one; foreign keys to tables that have none are to tables which every shard holds. */
function bucketFaults(sql: string, exempt: readonly string[]): string[] {
  const tables = tablesOf(sql);
  const faults: string[] = [];
  for (const [name, { hasBucket, body }] of tables) {
    if (!hasBucket || exempt.includes(name)) continue;
    for (const [, kind = '', columns = ''] of body.matchAll(
      /^\s*(?:CONSTRAINT \w+ )?(PRIMARY KEY|UNIQUE) \(([^)]*)\)/gm,
    ))
      if (!/\bbucket\b/.test(columns)) faults.push(`${name}: ${kind} (${columns})`);
    for (const [, column = '', kind = ''] of body.matchAll(
      /^\s*(?!CONSTRAINT|FOREIGN|CHECK)(\w+) [a-z].*\b(PRIMARY KEY|UNIQUE)\b(?! \()/gm,
    ))
      faults.push(`${name}: ${kind} (${column})`);
    for (const [, columns = '', target = ''] of body.matchAll(/FOREIGN KEY \(([^)]*)\)\s*REFERENCES ([\w.]+)/g))
      if (tables.get(target)?.hasBucket === true && !/\bbucket\b/.test(columns))
        faults.push(`${name}: FOREIGN KEY (${columns}) REFERENCES ${target}`);
    for (const [, table = '', columns = ''] of sql.matchAll(
      /CREATE UNIQUE INDEX \w+ ON ([\w.]+) (?:USING \w+ )?\(([^)]*)\)/g,
    ))
      if (table === name && !/\bbucket\b/.test(columns)) faults.push(`${name}: UNIQUE INDEX (${columns})`);
  }
  return faults;
}

function withoutComments(sql: string): string {
  return sql.replace(/--.*$/gm, '');
}
