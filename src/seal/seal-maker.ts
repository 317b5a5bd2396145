// Making a seal (制章): key and certificate made, SES seal signed by the seal maker, and entered by whoever ordered it; GM/T 0031-2025, 6.1.1.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import { sealMakerKeyNames, type Suite } from '../authority/hierarchy.ts';
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
import { recordStep } from './life/life-step.ts';
import { claimSealCode } from './life/seal-code.ts';
import { encodeFace, type SealFace } from './picture/face.ts';
import { picturePng } from './picture/render-png.ts';
import { roundSeal } from './picture/round-seal.ts';
import { enterSeal, letToSystems, type MadeSeal, type SealSuite } from './seal-entry.ts';
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
  /** Default `intl`: ES256, for PDF. */
  readonly suite?: SealSuite;
  /** Business systems that may use it from the start; `all` is for tests of other things. */
  readonly systems?: readonly string[] | 'all';
}

/** What is to be made: an order with its face, for one edition of one seal. */
export interface Commission extends Omit<SealOrder, 'title' | 'systems'> {
  readonly sealUuid: Uuid;
  readonly edition: number;
  readonly face: SealFace;
}

export interface SealMakerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly keys: KeyStore;
  readonly authority: Authority;
  /** Of the seals that are made. Default: 5. */
  readonly sesVersion?: 4 | 5 | undefined;
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
   * Makes a round seal and puts it into use, without application: for what is there from the start. A seal code that is in the register
   * already answers with that seal, so a repeated or parallel order makes one seal. Throws forbidden, malformed-request, glyph-missing, key-….
   */
  async make(principal: Principal, order: SealOrder): Promise<SealRecord> {
    requireKeeper(principal);
    if (!/^[0-9]{14}$/.test(order.sealCode)) throw new TrustError('malformed-request', 'a seal code has 14 digits');
    if (uuidFromId('organisation', order.organisation.organisationId) === undefined)
      throw new TrustError('malformed-request', 'the organisation id is none');
    const existing = await this.#existing(order.sealCode);
    if (existing !== undefined) return existing;
    const commission = { ...order, sealUuid: newUuid(this.#options.clock), edition: 1, face: drawn(order) };
    try {
      return await this.produce(principal, commission, async (tx, made) => {
        const { sealUuid, sealCode, createdAt, entryId } = made;
        if (!(await claimSealCode(tx, sealCode, sealUuid)))
          throw new TrustError('seal-transition-forbidden', 'the seal code is taken');
        const step = {
          sealUuid,
          deed: 'enter',
          from: 'none',
          version: 0,
          reason: '随系统建立 (entered with the system)',
          at: createdAt,
          entryId,
        } as const;
        const { version } = await recordStep(tx, step);
        const record = await enterSeal(tx, made, { status: 'active', version });
        await letToSystems(tx, { sealUuid, systems: order.systems ?? [], at: createdAt, entryId });
        return record;
      });
    } catch (error) {
      // Somebody made the seal of this code meanwhile: theirs stands, and ours with its certificate never was.
      const other = await this.#existing(order.sealCode);
      if (other !== undefined) return other;
      throw error;
    }
  }

  /**
   * Key, certificate and SES seal of one edition; `settle` enters them in the transaction in which they are made, so that the key is
   * bound to the certificate that stands in the seal or to none. A crash in here leaves a key and an intent, but no seal: the next
   * commission of this edition makes it. Throws key-…, and what `settle` throws.
   */
  async produce<T>(
    principal: Principal,
    commission: Commission,
    settle: (tx: Transaction, made: MadeSeal) => Promise<T>,
  ): Promise<T> {
    const { database, audit, keys } = this.#options;
    const { sealUuid, sealCode, type, edition, organisation } = commission;
    const keyName = edition === 1 ? `seal-${sealCode}` : `seal-${sealCode}-${edition}`;
    // A seal of both suites is an SM2 seal that lists a second certificate.
    const suite = commission.suite === 'intl' || commission.suite === undefined ? 'intl' : 'gm';
    const furtherKeyName = commission.suite === 'both' ? `${keyName}-intl` : undefined;
    await this.#ensureKey(principal, keyName, suite);
    if (furtherKeyName !== undefined) await this.#ensureKey(principal, furtherKeyName, 'intl');
    const maker = await keys.signer(sealMakerKeyNames[suite], 'seal-maker');
    const intent = {
      action: 'seal.made' as const,
      objectId: idFromUuid('seal', sealUuid),
      subjectId: organisation.organisationId,
      facts: {
        sealCode,
        type,
        keyName: maker.keyName,
        sealKeyName: [keyName, ...(furtherKeyName === undefined ? [] : [furtherKeyName])].join(','),
      },
    };
    await audit.append(principal, { ...intent, outcome: 'intended' });
    return database.transaction(async (tx) => {
      const certificate = await this.#certify(tx, principal, { commission, keyName });
      const further =
        furtherKeyName === undefined
          ? undefined
          : await this.#certify(tx, principal, { commission, keyName: furtherKeyName });
      const certificates = [certificate, ...(further === undefined ? [] : [further])];
      const { info, sesSeal } = await this.#sign({ commission, certificates, signer: maker });
      const objectSha256 = sha256(sesSeal);
      const entryId = await audit.record(tx, principal, { ...intent, outcome: 'done', objectSha256 });
      const { createdAt, validFrom, validUntil } = info;
      const certificateSha256 = sha256(certificate.der);
      return settle(tx, {
        ...commission,
        keyName,
        sesSeal,
        certificateSha256,
        ...(furtherKeyName !== undefined &&
          further !== undefined && {
            further: { keyName: furtherKeyName, certificateSha256: sha256(further.der) },
          }),
        createdAt,
        validFrom,
        validUntil,
        entryId,
      });
    });
  }

  async #ensureKey(principal: Principal, keyName: string, suite: Suite): Promise<void> {
    const { audit, keys } = this.#options;
    if ((await keys.find(keyName)) !== undefined) return; // of a commission that a crash cut short
    const algorithm = suite === 'gm' ? 'SM2' : 'ES256';
    const facts = { keyName, purpose: 'seal', algorithm };
    await audit.append(principal, { action: 'key.created', outcome: 'intended', objectId: keyName, facts });
    await keys.create({ name: keyName, purpose: 'seal', algorithm });
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

  async #certify(
    tx: Transaction,
    principal: Principal,
    { commission, keyName }: { commission: Commission; keyName: string },
  ): Promise<Certificate> {
    const { name: organisation, uscc } = commission.organisation;
    const subject = {
      country: 'CN',
      organisation,
      organisationIdentifier: `NTRCN-${uscc}`,
      commonName: commission.name,
    };
    const request = { keyName, profile: 'seal-signer' as const, subject, validDays: commission.validDays };
    return (await this.#options.authority.issueFor(request, principal, tx)).certificate;
  }

  async #sign({ commission, certificates, signer }: Making) {
    const { authority, clock, sesVersion = 5 } = this.#options;
    const { face } = commission;
    const maker = await authority.certificateOf(signer.keyName);
    const createdAt = wholeSecond(clock.now());
    const info: SesSealInfo = {
      version: sesVersion,
      vendor: 'Yinxin',
      esId: commission.sealCode,
      type: sesTypes[commission.type],
      name: commission.name,
      certificates: certificates.map(({ der }) => der),
      certificateDigests: [],
      createdAt,
      validFrom: createdAt,
      // A seal never outlives a certificate it signs with.
      validUntil: moment(Math.min(...certificates.map(({ notAfter }) => notAfter.getTime()))),
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
  readonly commission: Commission;
  readonly certificates: readonly Certificate[];
  /** The seal maker's. */
  readonly signer: Signer;
}

function drawn(order: SealOrder): SealFace {
  const title = order.title === undefined ? {} : { title: order.title };
  // The ring bears the legal name; what the seal is for stands below the star and in the register's name.
  const picture = roundSeal({ name: order.organisation.name, code: order.sealCode, ...title });
  return { picture, stored: encodeFace(picture) };
}

/** SES times carry no fraction (X.690, 11.7 in the form of GM/T 0031). */
function wholeSecond(date: Date): Date {
  return moment(epochSeconds(date) * 1000);
}
