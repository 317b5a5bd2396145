// Issuing authorities (发证机关), their keys and the types each may issue: the trust list that verifiers ask by key id.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import { type CoseAlgorithm, coseAlgorithms } from '../credential/cose-sign1.ts';
import type { TrustedIssuerKey } from '../credential/el1-verify.ts';
import { sha256 } from '../crypto/digest.ts';
import type { KeyDescription, KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import type { Database, Transaction } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { parseSocialCreditCode } from '../kernel/chinese-identifiers.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Title } from './claim-schema.ts';
import { requireKeeper } from '../kernel/permissions.ts';

export interface IssuerRegistration {
  /** Social credit code of the authority. */
  readonly issuerCode: string;
  readonly name: Title;
  /** Type codes it may issue; more may be added later, none is taken away. */
  readonly typeCodes: readonly string[];
  readonly keyName: string;
}

/** The authority that issues a licence, and the key it signs with. */
export interface SigningIssuer {
  readonly issuerCode: string;
  readonly name: Title;
  readonly kid: Uint8Array;
  readonly keyName: string;
  readonly algorithm: CoseAlgorithm;
}

/** An entry of the trust list, with the name of the key under which its certificate is found. */
export interface ListedIssuerKey extends TrustedIssuerKey {
  readonly keyName: string;
}

interface KeyRow {
  readonly issuer_code: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly kid: Uint8Array;
  readonly key_name: string;
  readonly algorithm: CoseAlgorithm;
  readonly spki: Uint8Array;
}

const keyColumns = 'i.issuer_code, i.name_zh, i.name_en, k.kid, k.key_name, k.algorithm, k.spki';
const certificateDays = 5 * 365;

export class LicenceIssuers {
  readonly #options: { database: Database; audit: AuditLog; keys: KeyStore; authority: Authority };

  constructor(options: { database: Database; audit: AuditLog; keys: KeyStore; authority: Authority }) {
    this.#options = options;
  }

  /**
   * Enters an authority with its key and types; makes the key and its certificate if there are none. Repeating it changes
   * nothing. Throws forbidden, malformed-identifier, licence-type-not-found, algorithm-not-supported.
   */
  async register(principal: Principal, registration: IssuerRegistration): Promise<void> {
    requireKeeper(principal);
    if (parseSocialCreditCode(registration.issuerCode) === undefined) {
      throw new TrustError('malformed-identifier', 'the issuing authority has no social credit code');
    }
    const key = await this.#certifiedKey(principal, registration);
    const algorithm = coseAlgorithmOf(key);
    await this.#options.database.transaction(async (tx) => {
      const isNew = await storeIssuer(tx, registration, { ...key, algorithm });
      if (!isNew) return;
      await this.#options.audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        objectId: registration.issuerCode,
        objectSha256: sha256(key.spki),
        facts: { what: 'licence-issuer', keyName: registration.keyName, types: registration.typeCodes.length },
      });
    });
  }

  /** Who signs a new licence of a type: the authority asked for, else the only one. Throws forbidden. */
  async issuerFor(typeCode: string, issuerCode?: string): Promise<SigningIssuer> {
    const { rows } = await this.#options.database.query<KeyRow>({
      name: 'licence-issuers-of-type',
      text: `SELECT ${keyColumns} FROM licence.issuer_type t
        JOIN licence.issuer i ON i.issuer_code = t.issuer_code
        JOIN licence.issuer_key k ON k.issuer_code = i.issuer_code AND k.kid = i.signing_kid
        WHERE t.type_code = $1 AND ($2::text IS NULL OR t.issuer_code = $2) ORDER BY t.issuer_code LIMIT 2`,
      values: [typeCode, issuerCode ?? null],
    });
    const [row, another] = rows;
    if (row === undefined || another !== undefined) {
      throw new TrustError('forbidden', 'the caller acts for no single authority that may issue this type');
    }
    return signingIssuer(row);
  }

  /** The authority that an intended licence names, with the key it signs with now. Throws key-not-found. */
  async issuer(issuerCode: string): Promise<SigningIssuer> {
    const { rows } = await this.#options.database.query<KeyRow>({
      name: 'licence-issuer',
      text: `SELECT ${keyColumns} FROM licence.issuer i
        JOIN licence.issuer_key k ON k.issuer_code = i.issuer_code AND k.kid = i.signing_kid WHERE i.issuer_code = $1`,
      values: [issuerCode],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('key-not-found', 'the issuing authority has no key');
    return signingIssuer(row);
  }

  /**
   * The authority with the key that signs for it now: after a rotation another than the one it was registered with, and listed
   * before it became active. Throws key-not-found.
   */
  async actingWith(issuer: SigningIssuer, signer: Signer): Promise<SigningIssuer> {
    const kid = keyIdOf(signer.spki);
    if (equalBytes(kid, issuer.kid)) return issuer;
    const listed = await this.listedKey(kid);
    if (listed?.issuerCode !== issuer.issuerCode) {
      throw new TrustError('key-not-found', `key ${signer.keyName} is not in the trust list of its authority`);
    }
    return { ...issuer, kid, keyName: signer.keyName };
  }

  /**
   * Enters into the trust list the key that is to take another's place, before it signs: verifiers know it from the first code on.
   * A key that no authority is registered with changes nothing. Throws algorithm-not-supported.
   */
  async listSuccessor(principal: Principal, keyName: string, successor: KeyDescription): Promise<void> {
    const { database, audit } = this.#options;
    const algorithm = coseAlgorithmOf(successor);
    const kid = keyIdOf(successor.spki);
    await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ issuer_code: string }>({
        name: 'licence-issuer-successor',
        text: `INSERT INTO licence.issuer_key (kid, issuer_code, key_name, algorithm, spki)
          SELECT $1, issuer_code, $2, $3, $4 FROM licence.issuer_key WHERE key_name = $5
          ON CONFLICT DO NOTHING RETURNING issuer_code`,
        values: [kid, successor.name, algorithm, successor.spki, keyName],
      });
      const [row] = rows;
      if (row === undefined) return;
      await audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        objectId: row.issuer_code,
        objectSha256: sha256(successor.spki),
        facts: { what: 'licence-issuer', keyName: successor.name },
      });
    });
  }

  /** The trust list's entry of a key id, or `undefined`. The certificate of the key is for the verifier to check. */
  async listedKey(kid: Uint8Array): Promise<ListedIssuerKey | undefined> {
    const { rows } = await this.#options.database.query<KeyRow>({
      name: 'licence-issuer-key',
      text: `SELECT ${keyColumns} FROM licence.issuer_key k
        JOIN licence.issuer i ON i.issuer_code = k.issuer_code WHERE k.kid = $1`,
      values: [kid],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const types = await this.#options.database.query<{ catalogue_number: number; type_code: string; name: Title }>({
      name: 'licence-issuer-types',
      text: `SELECT t.catalogue_number, t.type_code, v.definition -> 'name' AS name FROM licence.issuer_type a
        JOIN licence.licence_type t ON t.type_code = a.type_code
        JOIN licence.licence_type_version v ON v.type_code = t.type_code AND v.version = t.current_version
        WHERE a.issuer_code = $1`,
      values: [row.issuer_code],
    });
    return {
      kid: row.kid,
      keyName: row.key_name,
      algorithm: row.algorithm,
      spki: row.spki,
      issuerCode: row.issuer_code,
      issuerName: row.name_zh,
      types: types.rows.map((type) => ({
        catalogueNumber: type.catalogue_number,
        typeCode: type.type_code,
        name: type.name,
      })),
    };
  }

  async #certifiedKey(
    principal: Principal,
    { issuerCode, name, keyName }: IssuerRegistration,
  ): Promise<KeyDescription> {
    const { keys, authority } = this.#options;
    const key = (await keys.find(keyName)) ?? (await this.#newKey(principal, keyName));
    if (!(await hasCertificate(authority, keyName))) {
      const commonName = `${name.zh}电子证照签发`;
      const subject = { country: 'CN', organisation: name.zh, organisationIdentifier: issuerCode, commonName };
      await authority.issueFor({ keyName, profile: 'licence-issuer', subject, validDays: certificateDays }, principal);
    }
    return key;
  }

  async #newKey(principal: Principal, keyName: string): Promise<KeyDescription> {
    const { keys, audit } = this.#options;
    const facts = { keyName, purpose: 'licence-issuer', algorithm: 'ES256' };
    await audit.append(principal, { action: 'key.created', outcome: 'intended', facts });
    const key = await keys.create({ name: keyName, purpose: 'licence-issuer', algorithm: 'ES256' });
    await audit.append(principal, { action: 'key.created', outcome: 'done', facts });
    return key;
  }
}

/** First 8 bytes of the SHA-256 of the key's SubjectPublicKeyInfo. */
export function keyIdOf(spki: Uint8Array): Uint8Array {
  return sha256(spki).slice(0, 8);
}

async function hasCertificate(authority: Authority, keyName: string): Promise<boolean> {
  try {
    await authority.certificateOf(keyName);
    return true;
  } catch (error) {
    if (isTrustError(error, 'certificate-not-found')) return false;
    throw error;
  }
}

/** Answers whether anything was new. */
async function storeIssuer(
  tx: Transaction,
  { issuerCode, name, typeCodes, keyName }: IssuerRegistration,
  key: { algorithm: CoseAlgorithm; spki: Uint8Array },
): Promise<boolean> {
  const kid = keyIdOf(key.spki);
  await tx.query({
    text: `INSERT INTO licence.issuer (issuer_code, name_zh, name_en) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    values: [issuerCode, name.zh, name.en],
  });
  const newKey = await tx.query({
    text: `INSERT INTO licence.issuer_key (kid, issuer_code, key_name, algorithm, spki) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT DO NOTHING`,
    values: [kid, issuerCode, keyName, key.algorithm, key.spki],
  });
  await tx.query({
    text: 'UPDATE licence.issuer SET signing_kid = $2 WHERE issuer_code = $1 AND signing_kid IS DISTINCT FROM $2',
    values: [issuerCode, kid],
  });
  const newTypes = await tx.query({
    text: `INSERT INTO licence.issuer_type (issuer_code, type_code)
      SELECT $1, t.type_code FROM licence.licence_type t WHERE t.type_code = ANY ($2) ON CONFLICT DO NOTHING`,
    values: [issuerCode, typeCodes],
  });
  const { rows } = await tx.query<{ known: number }>({
    text: 'SELECT count(*) AS known FROM licence.issuer_type WHERE issuer_code = $1 AND type_code = ANY ($2)',
    values: [issuerCode, typeCodes],
  });
  if (rows[0]?.known !== new Set(typeCodes).size) {
    throw new TrustError('licence-type-not-found', 'a type that the authority should issue is not in the catalogue');
  }
  return newKey.rowCount + newTypes.rowCount > 0;
}

function coseAlgorithmOf({ algorithm }: KeyDescription): CoseAlgorithm {
  if (algorithm === 'ES256' || algorithm === 'EdDSA' || algorithm === 'SM2') return algorithm;
  throw new TrustError('algorithm-not-supported', `licences are not signed with ${algorithm}`, {
    details: { supported: Object.keys(coseAlgorithms) },
  });
}

function signingIssuer(row: KeyRow): SigningIssuer {
  return {
    issuerCode: row.issuer_code,
    name: { zh: row.name_zh, en: row.name_en },
    kid: row.kid,
    keyName: row.key_name,
    algorithm: row.algorithm,
  };
}
