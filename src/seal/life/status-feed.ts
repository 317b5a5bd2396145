// The status feed for the superior register of seals (印章状态上报): every step of every seal, in the order in which it became visible.

import type { Database } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type Certificate, parseCertificate } from '../../pki/certificate.ts';
import type { SealType } from '../seal-record.ts';
import { parseSeal } from '../ses/ses-seal.ts';
import type { InvalidType, SealDeed, SealState } from './deeds.ts';

export interface StatusEvent {
  readonly sealId: Id<'seal'>;
  readonly sealCode: string;
  readonly name: string;
  readonly type: SealType;
  readonly organisation: { readonly name: string; readonly uscc: string };
  /** 区域: six digits of the code. */
  readonly region: string;
  /** 法人类型: positions 1 and 2 of the credit code (GB 32100). */
  readonly organisationKind: string;
  readonly parentSealCode: string | null;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly createdAt: Date;
  /** 制章点: who made and signed the seal, by the certificate. */
  readonly maker: string;
  /** 签名值 over SES_SealInfo. */
  readonly signature: Uint8Array;
  /** Of the seal, DER. */
  readonly certificate: Uint8Array;
  readonly certificateFrom: Date;
  readonly certificateUntil: Date;
  readonly deed: SealDeed;
  readonly status: SealState;
  readonly invalidType: InvalidType | null;
  readonly reason: string;
  readonly description: string | null;
  readonly reference: string | null;
  readonly appliedAt: Date;
  readonly effectiveAt: Date;
}

interface Row {
  readonly number: number;
  readonly seal_id: Uuid;
  readonly seal_code: string;
  readonly name: string;
  readonly type: SealType;
  readonly organisation_name: string;
  readonly organisation_uscc: string;
  readonly parent_seal_code: string | null;
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly created_at: Date;
  readonly ses_seal: Uint8Array;
  readonly deed: SealDeed;
  readonly to_status: SealState;
  readonly invalid_type: InvalidType | null;
  readonly reason: string;
  readonly description: string | null;
  readonly reference: string | null;
  readonly applied_at: Date;
  readonly effective_at: Date;
}

const maxPageSize = 100;

export class StatusFeed {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /**
   * Steps after the cursor, the first ones first. `nextCursor` is where to go on, also when nothing is left now: whoever keeps it misses
   * no step and gets none twice. The seal is told as it is now. Throws `scope-missing`, `cursor-invalid`.
   */
  async after(
    principal: Principal,
    { cursor = '0', limit = 20 }: { readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<{ items: StatusEvent[]; nextCursor: string; hasMore: boolean }> {
    requireScope(principal, 'seal.feed');
    if (!/^(0|[1-9][0-9]{0,17})$/.test(cursor)) throw new TrustError('cursor-invalid', 'not a cursor of this feed');
    const size = Math.min(Math.max(limit, 1), maxPageSize);
    const { rows } = await this.#database.query<Row>({
      name: 'seal-status-feed',
      text: `SELECT h.number, s.seal_id, s.seal_code, s.name, s.type, s.organisation_name, s.organisation_uscc,
          (SELECT a.wish ->> 'parentSealCode' FROM seal.application a WHERE a.seal_id = s.seal_id) AS parent_seal_code,
          s.valid_from, s.valid_until, s.created_at, s.ses_seal, h.deed, h.to_status, h.invalid_type, h.reason, h.description,
          h.reference, h.applied_at, h.effective_at
        FROM seal.status_history h JOIN seal.seal s ON s.seal_id = h.seal_id
        WHERE h.number > $1 AND h.to_status NOT IN ('applied', 'approved') ORDER BY h.number LIMIT $2`,
      values: [cursor, size + 1],
    });
    const shown = rows.slice(0, size);
    return {
      items: shown.map(eventOf),
      nextCursor: String(shown.at(-1)?.number ?? cursor),
      hasMore: rows.length > size,
    };
  }
}

function eventOf(row: Row): StatusEvent {
  const seal = parseSeal(row.ses_seal);
  const certificate: Certificate = parseCertificate(seal.info.certificates[0] ?? new Uint8Array());
  const maker = parseCertificate(seal.makerCertificate).subject;
  return {
    sealId: idFromUuid('seal', row.seal_id),
    sealCode: row.seal_code,
    name: row.name,
    type: row.type,
    organisation: { name: row.organisation_name, uscc: row.organisation_uscc },
    region: row.seal_code.slice(0, 6),
    organisationKind: row.organisation_uscc.slice(0, 2),
    parentSealCode: row.parent_seal_code,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    createdAt: row.created_at,
    maker: maker.commonName ?? '',
    signature: seal.signature,
    certificate: certificate.der,
    certificateFrom: certificate.notBefore,
    certificateUntil: certificate.notAfter,
    deed: row.deed,
    status: row.to_status,
    invalidType: row.invalid_type,
    reason: row.reason,
    description: row.description,
    reference: row.reference,
    appliedAt: row.applied_at,
    effectiveAt: row.effective_at,
  };
}
