// The catalogue of licence types (证照目录): published in versions that never change, listed by their numbers.

import type { AuditLog } from '../audit/audit-log.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database, Queryable, Transaction } from '../db/database.ts';
import { equalBytes, utf8 } from '../kernel/bytes.ts';
import { parseSocialCreditCode } from '../kernel/chinese-identifiers.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import { requireSoundDefinitions } from './claim-schema.ts';
import type { LicenceType, LicenceTypeDefinition } from './licence-type.ts';
import { requireKeeper, requireScope } from '../kernel/permissions.ts';

interface TypeRow {
  readonly definition: LicenceTypeDefinition;
  readonly version: number;
}

export interface LicenceTypePage {
  readonly items: readonly LicenceType[];
  readonly nextCursor: string | null;
}

const maxPageSize = 100;

export class LicenceCatalogue {
  readonly #database: Database;
  readonly #audit: AuditLog;
  readonly #clock: Clock;

  constructor(options: { database: Database; audit: AuditLog; clock: Clock }) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#clock = options.clock;
  }

  /** Current versions by catalogue number, keyset paging. Throws scope-missing, cursor-invalid. */
  async types(
    principal: Principal,
    query: { limit?: number | undefined; cursor?: string | undefined } = {},
  ): Promise<LicenceTypePage> {
    requireScope(principal, 'licence.read', 'licence.issue');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const { rows } = await this.#database.query<TypeRow>({
      name: 'licence-type-list',
      text: `SELECT v.definition, v.version FROM licence.licence_type t
        JOIN licence.licence_type_version v ON v.type_code = t.type_code AND v.version = t.current_version
        WHERE t.catalogue_number > $1 ORDER BY t.catalogue_number LIMIT $2`,
      values: [numberOfCursor(query.cursor), limit + 1],
    });
    const items = rows.slice(0, limit).map(typeOf);
    return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.catalogueNumber) : null };
  }

  /** The current version of a type. Throws licence-type-not-found. */
  async current(typeCode: string): Promise<LicenceType> {
    const type = await currentType(this.#database, typeCode);
    if (type === undefined) throw new TrustError('licence-type-not-found', 'no such licence type');
    return type;
  }

  /** The version a licence was issued under. Throws licence-type-not-found. */
  async version(typeCode: string, version: number): Promise<LicenceType> {
    const { rows } = await this.#database.query<TypeRow>({
      name: 'licence-type-version',
      text: 'SELECT definition, version FROM licence.licence_type_version WHERE type_code = $1 AND version = $2',
      values: [typeCode, version],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('licence-type-not-found', 'no such version of the licence type');
    return typeOf(row);
  }

  /**
   * Publishes a type, or a new version of it when the definition differs from the current one; otherwise nothing happens.
   * Throws forbidden, malformed-identifier, malformed-request.
   */
  async publish(principal: Principal, definition: LicenceTypeDefinition): Promise<LicenceType> {
    requireKeeper(principal);
    requireSound(definition);
    const digest = sha256(utf8(JSON.stringify(definition)));
    return this.#database.transaction(async (tx) => {
      await reserveNumber(tx, definition);
      const { rows } = await tx.query<{ definition_sha256: Uint8Array | null; current_version: number }>({
        text: `SELECT t.current_version, v.definition_sha256 FROM licence.licence_type t
          LEFT JOIN licence.licence_type_version v ON v.type_code = t.type_code AND v.version = t.current_version
          WHERE t.type_code = $1 FOR UPDATE OF t`,
        values: [definition.typeCode],
      });
      const current = rows[0];
      const stored = current?.definition_sha256 ?? undefined;
      const version = (current?.current_version ?? 1) + (stored === undefined ? 0 : 1);
      if (stored !== undefined && equalBytes(stored, digest)) return { ...definition, version: version - 1 };
      const entryId = await this.#audit.record(tx, principal, {
        action: 'licence-type.published',
        outcome: 'done',
        objectId: definition.typeCode,
        objectSha256: digest,
        facts: { version, catalogueNumber: definition.catalogueNumber },
      });
      await tx.query({
        text: `INSERT INTO licence.licence_type_version
            (type_code, version, definition, definition_sha256, published_at, entry_id)
          VALUES ($1, $2, $3, $4, $5, $6)`,
        values: [definition.typeCode, version, JSON.stringify(definition), digest, this.#clock.now(), entryId],
      });
      await tx.query({
        text: 'UPDATE licence.licence_type SET current_version = $2 WHERE type_code = $1',
        values: [definition.typeCode, version],
      });
      return { ...definition, version };
    });
  }
}

export async function currentType(database: Queryable, typeCode: string): Promise<LicenceType | undefined> {
  const { rows } = await database.query<TypeRow>({
    name: 'licence-type-current',
    text: `SELECT v.definition, v.version FROM licence.licence_type t
      JOIN licence.licence_type_version v ON v.type_code = t.type_code AND v.version = t.current_version
      WHERE t.type_code = $1`,
    values: [typeCode],
  });
  return rows[0] === undefined ? undefined : typeOf(rows[0]);
}

/** A type keeps its number and a number its type, whoever publishes at the same time. */
async function reserveNumber(tx: Transaction, { typeCode, catalogueNumber }: LicenceTypeDefinition): Promise<void> {
  await tx.query({
    text: `INSERT INTO licence.licence_type (type_code, catalogue_number, current_version) VALUES ($1, $2, 1)
      ON CONFLICT DO NOTHING`,
    values: [typeCode, catalogueNumber],
  });
  const { rowCount } = await tx.query({
    text: 'SELECT 1 FROM licence.licence_type WHERE type_code = $1 AND catalogue_number = $2',
    values: [typeCode, catalogueNumber],
  });
  if (rowCount !== 1) throw new TrustError('malformed-request', 'the catalogue number belongs to another type');
}

function requireSound(definition: LicenceTypeDefinition): void {
  const { typeCode, catalogueNumber, definingAuthority, claims } = definition;
  if (!/^[0-9A-Z]{18}[0-9]{3}$/.test(typeCode) || !typeCode.startsWith(definingAuthority.uscc)) {
    throw new TrustError('malformed-identifier', 'the type code does not begin with the code of its authority');
  }
  if (parseSocialCreditCode(definingAuthority.uscc) === undefined) {
    throw new TrustError('malformed-identifier', 'the defining authority has no social credit code');
  }
  if (!Number.isInteger(catalogueNumber) || catalogueNumber < 1 || catalogueNumber > 1_000_000) {
    throw new TrustError('malformed-request', 'a catalogue number is an integer from 1 to 1000000');
  }
  requireSoundDefinitions(claims);
}

function numberOfCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^[0-9]{1,7}$/.test(cursor)) throw new TrustError('cursor-invalid', 'the cursor is not one of this list');
  return Number(cursor);
}

function typeOf({ definition, version }: TypeRow): LicenceType {
  return { ...definition, version };
}
