// Making a seal (制章): face drawn, key and certificate made, SES seal signed by the seal maker, entered in the register; GM/T 0031-2025, 6.1.1.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import { sealMakerKeyName } from '../authority/hierarchy.ts';
import type { VectorPicture } from '../codec/picture.ts';
import { signatureAlgorithms } from '../crypto/algorithms.ts';
import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { epochSeconds, moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { type Certificate } from '../pki/certificate.ts';
import { requireKeeper } from '../kernel/permissions.ts';
import { encodeFace } from './picture/face.ts';
import { picturePng } from './picture/render-png.ts';
import { roundSeal } from './picture/round-seal.ts';
import { type SealRecord, type SealRow, type SealType, sealColumns, sealRecord } from './seal-record.ts';
import { faceExtension } from './ses/face-extension.ts';
import { encodeSeal, encodeSealInfo, type SesSealInfo } from './ses/ses-seal.ts';

export interface SealOrder {
  /** 印章编码: 14 digits, six of the region and eight of the seal. */
  readonly sealCode: string;
  readonly name: string;
  readonly type: SealType;
  /** Line under the star, e.g. 财务专用章. */
  readonly title?: string;
  readonly organisation: { readonly organisationId: Id<'organisation'>; readonly name: string; readonly uscc: string };
  readonly validDays: number;
}

export interface SealMakerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly keys: KeyStore;
  readonly authority: Authority;
}

const faceDpi = 300;
/** GM/T 0031 names 1 (unit) and 2 (person); files in use number other special seals from 4. */
const sesTypes: Readonly<Record<SealType, number>> = {
  unit: 1,
  person: 2,
  'legal-representative': 2,
  finance: 4,
  contract: 4,
  invoice: 4,
  special: 4,
};

export class SealMaker {
  readonly #options: SealMakerOptions;

  constructor(options: SealMakerOptions) {
    this.#options = options;
  }

  /**
   * Makes a round seal and puts it into use. A seal code that is in the register already answers with that seal, so a
   * repeated or parallel order makes one seal. Throws forbidden, malformed-request, glyph-missing, key-….
   */
  async make(principal: Principal, order: SealOrder): Promise<SealRecord> {
    requireKeeper(principal);
    if (!/^[0-9]{14}$/.test(order.sealCode)) throw new TrustError('malformed-request', 'a seal code has 14 digits');
    const organisationUuid = uuidFromId('organisation', order.organisation.organisationId);
    if (organisationUuid === undefined) throw new TrustError('malformed-request', 'the organisation id is none');
    return (await this.#existing(order.sealCode)) ?? this.#makeNew(principal, order, organisationUuid);
  }

  /** A crash in here leaves a key and an intent, but no seal: the next order of this code makes it. */
  async #makeNew(principal: Principal, order: SealOrder, organisationUuid: Uuid): Promise<SealRecord> {
    const { database, audit, clock, keys } = this.#options;
    const face = drawn(order);
    const keyName = `seal-${order.sealCode}`;
    await this.#ensureKey(principal, keyName);
    const maker = await keys.signer(sealMakerKeyName, 'seal-maker');
    const sealUuid = newUuid(clock);
    const intent = {
      action: 'seal.made' as const,
      objectId: idFromUuid('seal', sealUuid),
      subjectId: order.organisation.organisationId,
      facts: { sealCode: order.sealCode, type: order.type, keyName: maker.keyName, sealKeyName: keyName },
    };
    await audit.append(principal, { ...intent, outcome: 'intended' });
    try {
      return await database.transaction(async (tx) => {
        const certificate = await this.#certify(tx, principal, { order, keyName });
        const { info, sesSeal } = await this.#sign({ order, face, certificate, signer: maker });
        const entryId = await audit.record(tx, principal, {
          ...intent,
          outcome: 'done',
          objectSha256: sha256(sesSeal),
        });
        const row = rowOf(order, { sealUuid, organisationUuid, keyName, info, certificate });
        await enter(tx, { row, sesSeal, face: face.stored, createdAt: info.createdAt, entryId });
        return sealRecord(row, clock.now());
      });
    } catch (error) {
      // Somebody made the seal of this code meanwhile: theirs stands, and ours with its certificate never was.
      const other = await this.#existing(order.sealCode);
      if (other !== undefined) return other;
      throw error;
    }
  }

  async #ensureKey(principal: Principal, keyName: string): Promise<void> {
    const { audit, keys } = this.#options;
    if ((await keys.find(keyName)) !== undefined) return; // of an order that a crash cut short
    const facts = { keyName, purpose: 'seal', algorithm: 'ES256' };
    await audit.append(principal, { action: 'key.created', outcome: 'intended', objectId: keyName, facts });
    await keys.create({ name: keyName, purpose: 'seal', algorithm: 'ES256' });
    await audit.append(principal, { action: 'key.created', outcome: 'done', objectId: keyName, facts });
  }

  async #existing(sealCode: string): Promise<SealRecord | undefined> {
    const { rows } = await this.#options.database.query<SealRow>({
      name: 'seal-by-code',
      text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_code = $1`,
      values: [sealCode],
    });
    return rows[0] === undefined ? undefined : sealRecord(rows[0], this.#options.clock.now());
  }

  /** In the seal's own transaction, so that the key is bound to the certificate that stands in the seal or to none. */
  async #certify(
    tx: Transaction,
    principal: Principal,
    { order, keyName }: { order: SealOrder; keyName: string },
  ): Promise<Certificate> {
    const { name: organisation, uscc } = order.organisation;
    const subject = {
      country: 'CN',
      organisation,
      organisationIdentifier: `NTRCN-${uscc}`,
      commonName: order.name,
    };
    const request = { keyName, profile: 'seal-signer' as const, subject, validDays: order.validDays };
    return (await this.#options.authority.issueFor(request, principal, tx)).certificate;
  }

  async #sign({ order, face, certificate, signer }: Making) {
    const { authority, clock } = this.#options;
    const maker = await authority.certificateOf(signer.keyName);
    const createdAt = wholeSecond(clock.now());
    const info: SesSealInfo = {
      version: 5,
      vendor: 'Yinxin',
      esId: order.sealCode,
      type: sesTypes[order.type],
      name: order.name,
      certificates: [certificate.der],
      certificateDigests: [],
      createdAt,
      validFrom: createdAt,
      // A seal never outlives the certificate it signs with.
      validUntil: certificate.notAfter,
      picture: {
        type: 'PNG',
        data: picturePng(face.picture, faceDpi),
        widthMm: face.picture.widthMm,
        heightMm: face.picture.heightMm,
      },
      extensions: [faceExtension(face.stored)],
    };
    const infoDer = encodeSealInfo(info);
    const sesSeal = encodeSeal({
      infoDer,
      makerCertificate: maker.certificate.der,
      signatureAlgorithmOid: signatureAlgorithms[signer.algorithm].oid,
      signature: await signer.sign(infoDer, 'der'),
    });
    return { info, sesSeal };
  }
}

interface Making {
  readonly order: SealOrder;
  readonly face: Face;
  readonly certificate: Certificate;
  /** The seal maker's. */
  readonly signer: Signer;
}

interface Face {
  readonly picture: VectorPicture;
  readonly stored: Uint8Array;
}

function drawn(order: SealOrder): Face {
  const title = order.title === undefined ? {} : { title: order.title };
  // The ring bears the legal name; what the seal is for stands below the star and in the register's name.
  const picture = roundSeal({ name: order.organisation.name, code: order.sealCode, ...title });
  return { picture, stored: encodeFace(picture) };
}

interface Made {
  readonly sealUuid: Uuid;
  readonly organisationUuid: Uuid;
  readonly keyName: string;
  readonly info: SesSealInfo;
  readonly certificate: Certificate;
}

function rowOf(order: SealOrder, { sealUuid, organisationUuid, keyName, info, certificate }: Made): SealRow {
  return {
    seal_id: sealUuid,
    seal_code: order.sealCode,
    name: order.name,
    type: order.type,
    organisation_id: organisationUuid,
    organisation_name: order.organisation.name,
    organisation_uscc: order.organisation.uscc,
    policies: ['intl'],
    status: 'active',
    status_version: 1,
    valid_from: info.validFrom,
    valid_until: info.validUntil,
    width_mm: info.picture.widthMm,
    height_mm: info.picture.heightMm,
    key_name: keyName,
    certificate_sha256: sha256(certificate.der),
  };
}

interface Entry {
  readonly row: SealRow;
  readonly sesSeal: Uint8Array;
  readonly face: Uint8Array;
  readonly createdAt: Date;
  readonly entryId: string;
}

/** The history row first: the seal's status refers to it. */
async function enter(tx: Transaction, { row, sesSeal, face, createdAt, entryId }: Entry): Promise<void> {
  await tx.query({
    name: 'seal-first-status',
    text: `INSERT INTO seal.status_history (seal_id, version, from_status, to_status, reason, effective_at, entry_id)
      VALUES ($1, 1, 'none', 'active', 'made', $2, $3)`,
    values: [row.seal_id, createdAt, entryId],
  });
  await tx.query({
    name: 'seal-insert',
    text: `INSERT INTO seal.seal (
        seal_id, seal_code, name, type, organisation_id, organisation_name, organisation_uscc, policies, status,
        status_version, valid_from, valid_until, width_mm, height_mm, key_name, certificate_sha256, ses_seal, face, created_at
      ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    values: [
      row.seal_id,
      row.seal_code,
      row.name,
      row.type,
      row.organisation_id,
      row.organisation_name,
      row.organisation_uscc,
      row.policies,
      row.status,
      row.status_version,
      row.valid_from,
      row.valid_until,
      row.width_mm,
      row.height_mm,
      row.key_name,
      row.certificate_sha256,
      sesSeal,
      face,
      createdAt,
    ],
  });
}

/** SES times carry no fraction (X.690, 11.7 in the form of GM/T 0031). */
function wholeSecond(date: Date): Date {
  return moment(epochSeconds(date) * 1000);
}
