// The seals that a caller may sign with remotely, and their certificates: those with a P-256 key, because others' software computes no SM2 digest.

import type { Authority, CertificateState } from '../../authority/authority.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { type SealRecord, type SealRow, sealColumns, sealRecord } from '../seal-record.ts';
import { requireSealUse } from '../seal-use.ts';
import type { SealForUse, SealRegister } from '../seals.ts';

export interface RemoteSeal {
  readonly record: SealRecord;
  readonly certificate: Certificate;
  /** From its issuer to the root. */
  readonly chain: readonly Certificate[];
  readonly certificateStatus: CertificateState | 'unknown';
}

export interface RemoteSealPage {
  readonly items: readonly SealRecord[];
  readonly next: string | undefined;
}

export interface RemoteSealsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly authority: Authority;
  readonly seals: SealRegister;
}

export interface RemoteSealQuery {
  readonly limit: number;
  /** Identifier of the last seal of the page before. */
  readonly after?: string | undefined;
  /** Only those that can sign now, as far as the register of seals knows. */
  readonly onlyActive: boolean;
}

const firstUuid = '00000000-0000-0000-0000-000000000000';

export class RemoteSeals {
  readonly #options: RemoteSealsOptions;

  constructor(options: RemoteSealsOptions) {
    this.#options = options;
  }

  /** Oldest first, keyset paging. A person who acts for nobody has none. Throws scope-missing, cursor-invalid. */
  async list(principal: Principal, { limit, after, onlyActive }: RemoteSealQuery): Promise<RemoteSealPage> {
    requireScope(principal, 'service');
    const from = after === undefined ? firstUuid : uuidFromId('seal', after);
    if (from === undefined) throw new TrustError('cursor-invalid', 'the page token is not one of this list');
    const now = this.#options.clock.now();
    const whose = principal.kind === 'system' ? ofSystem(principal) : ofPerson(principal);
    const { rows } = await this.#options.database.query<SealRow>({
      name: `seal-remote-list-${whose.name}`,
      text: `SELECT ${sealColumns} FROM seal.seal s WHERE seal_id > $1 AND 'intl' = ANY (policies)
        AND (NOT $2::boolean OR (status = 'active' AND valid_from <= $3 AND valid_until > $3))
        AND ${whose.condition} ORDER BY seal_id LIMIT $4`,
      values: [from, onlyActive, now, limit + 1, ...whose.values],
    });
    const items = rows.slice(0, limit).map((row) => sealRecord(row, now));
    return { items, next: rows.length > limit ? items.at(-1)?.sealId : undefined };
  }

  /**
   * One that the caller may sign with; any other does not exist for them, nor does one without a P-256 key. Throws scope-missing,
   * seal-not-found.
   */
  async get(principal: Principal, sealId: string): Promise<RemoteSeal> {
    requireScope(principal, 'service', 'credential');
    const { seals } = this.#options;
    const seal = await seals.forUse(sealId, principal.kind === 'system' ? principal.clientId : undefined);
    try {
      requireSealUse(principal, seal.record, seal.isLetToSystem);
    } catch {
      throw notFound();
    }
    return this.#described(seal);
  }

  /** Throws seal-not-found. */
  async described({ sealId }: SealRecord): Promise<RemoteSeal> {
    return this.#described(await this.#options.seals.forUse(sealId));
  }

  /** By its P-256 key, which a seal of both suites has beside the SM2 key. */
  async #described({ record, keyName: ownKeyName, further }: SealForUse): Promise<RemoteSeal> {
    const { authority } = this.#options;
    if (!record.policies.includes('intl')) throw notFound();
    const keyName = further?.keyName ?? ownKeyName;
    const [statuses, { certificate, chain }, anchors] = await Promise.all([
      authority.statusOfKeys([keyName]),
      authority.certificateOf(keyName),
      authority.anchors(),
    ]);
    const top = chain.at(-1) ?? certificate;
    const root = anchors.find(({ subjectDer }) => equalBytes(subjectDer, top.issuerDer));
    return {
      record,
      certificate,
      chain: root === undefined ? chain : [...chain, root],
      certificateStatus: statuses.get(keyName) ?? 'unknown',
    };
  }
}

interface Whose {
  readonly name: string;
  readonly condition: string;
  readonly values: readonly unknown[];
}

function ofSystem({ clientId }: Principal): Whose {
  return {
    name: 'system',
    condition: `(system_use = 'all' OR EXISTS (
      SELECT 1 FROM seal.system_grant g WHERE g.client_id = $5 AND g.seal_id = s.seal_id))`,
    values: [clientId ?? ''],
  };
}

/** Of the organisation that the person acts for under a mandate to use seals, and of those the ones that it is narrowed to. */
function ofPerson({ actingFor }: Principal): Whose {
  const uses = actingFor?.scope.includes('seal:use') === true;
  const organisation: Uuid | undefined = uses ? uuidFromId('organisation', actingFor.organisationId) : undefined;
  return {
    name: 'person',
    condition: 'organisation_id = $5 AND ($6::uuid[] IS NULL OR seal_id = ANY ($6))',
    values: [organisation ?? null, actingFor?.sealIds?.map((sealId) => uuidFromId('seal', sealId) ?? null) ?? null],
  };
}

function notFound(): TrustError {
  return new TrustError('seal-not-found', 'there is no such seal');
}
