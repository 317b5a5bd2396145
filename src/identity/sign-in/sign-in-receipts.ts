// Receipts of sign-ins (登录凭据): what an ID token said, signed by the house for years to come and tied to its place in the log; RFC 7515.

import { errors as joseErrors, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { KeyStore } from '../../crypto/key-store.ts';
import { toBase64, toBase64url, utf8 } from '../../kernel/bytes.ts';
import { type Clock, epochSeconds, moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { EngineClientMetadata } from '../clients/client-metadata.ts';
import { levelOfAcr } from '../levels/levels.ts';
import { ReceiptKeys } from './receipt-keys.ts';
import { TokenKeys } from '../tokens/signing-keys.ts';
import { Subjects } from '../tokens/subjects.ts';

export interface SignInReceiptsOptions {
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly clients: { metadataOf(clientId: string): Promise<EngineClientMetadata | undefined> };
}

export interface SignInReceipt {
  /** Compact JWS, ES256. */
  readonly receipt: string;
  /** The entry that was in the log before the key acted; `jti` of the receipt. */
  readonly entryId: string;
  /** Detached, over the ASCII bytes of `receipt`. */
  readonly sm2: { readonly kid: string; readonly signature: string } | undefined;
}

/** Explicit typing (RFC 8725, 3.11); and no `aud` of a client, so that it is nobody's ID token. */
const receiptType = 'yinxin-sign-in-receipt+jwt';
/** An ID token is good for minutes; that it was given may be attested for a day. */
const longestSeconds = 86_400;
const toleranceSeconds = 15;

export class SignInReceipts {
  readonly #options: SignInReceiptsOptions;
  readonly #receiptKeys: ReceiptKeys;
  readonly #subjects: Subjects;
  #tokenKeys: Promise<TokenKeys> | undefined;

  constructor(options: SignInReceiptsOptions) {
    this.#options = options;
    this.#receiptKeys = new ReceiptKeys(options);
    this.#subjects = new Subjects(options);
  }

  get keys(): Pick<ReceiptKeys, 'published'> {
    return this.#receiptKeys;
  }

  /**
   * For the client that the ID token was given to, or the person in it through that client. Throws `token-missing`, `forbidden`
   * (another client’s or person’s), `malformed-request` (no ID token of ours, or one of more than a day ago), `key-unavailable`.
   */
  async issue(
    principal: Principal,
    { idToken, withSm2 }: { idToken: string; withSm2: boolean },
  ): Promise<SignInReceipt> {
    const { audit, clock } = this.#options;
    const { clientId } = principal;
    if (clientId === undefined) throw new TrustError('token-missing', 'this needs an access token');
    const claims = await this.#claimsOf(idToken, clientId);
    const accountId = await this.#accountIn(principal, claims.sub, clientId);
    const es256 = await this.#receiptKeys.signer('ES256');
    const sm2 = withSm2 ? await this.#receiptKeys.signer('SM2') : undefined;
    const event = {
      action: 'identity-receipt.issued',
      ...(accountId === undefined ? {} : { subjectId: accountId }),
      facts: {
        client: clientId,
        level: levelOfAcr(claims.acr),
        keyName: es256.signer.keyName,
        ...(sm2 === undefined ? {} : { sm2KeyName: sm2.signer.keyName }),
      },
    } as const;
    const entryId = idFromUuid('entry', await audit.append(principal, { ...event, outcome: 'intended' }));
    try {
      const header = { alg: 'ES256', kid: es256.kid, typ: receiptType };
      const statement = {
        iss: this.#issuer,
        jti: entryId,
        iat: epochSeconds(clock.now()),
        client_id: clientId,
        ...claims,
        id_token_sha256: toBase64url(sha256(utf8(idToken))),
      };
      const signed = `${encoded(header)}.${encoded(statement)}`;
      const receipt = `${signed}.${toBase64url(await es256.signer.sign(utf8(signed), 'raw'))}`;
      const beside = sm2 && { kid: sm2.kid, signature: toBase64(await sm2.signer.sign(utf8(receipt), 'der')) };
      await audit.append(principal, { ...event, outcome: 'done' });
      return { receipt, entryId, sm2: beside };
    } catch (error) {
      await audit.append(principal, { ...event, outcome: 'failed', code: 'key-unavailable' });
      throw error;
    }
  }

  get #issuer(): string {
    return `${this.#options.publicUrl}/oidc`;
  }

  /** What the ID token says of the sign-in, when it is one of ours, of this client and of the last day. */
  async #claimsOf(idToken: string, clientId: string) {
    const payload = await this.#verified(idToken);
    const { sub, aud, iat, acr, amr, auth_time: authTime, represented_party: party } = payload;
    if (typeof sub !== 'string' || typeof iat !== 'number' || 'events' in payload) throw notOurs();
    if (aud !== clientId) throw new TrustError('forbidden', 'the ID token was given to another client');
    const ageSeconds = epochSeconds(this.#options.clock.now()) - iat;
    if (ageSeconds < -toleranceSeconds || ageSeconds > longestSeconds)
      throw new TrustError('malformed-request', 'the ID token is not of the last day');
    return {
      sub,
      acr,
      amr,
      auth_time: authTime,
      ...(party === undefined ? {} : { represented_party: party }),
    };
  }

  async #verified(idToken: string): Promise<JWTPayload> {
    this.#tokenKeys ??= TokenKeys.open(this.#options.keys, this.#options.audit);
    const known = await (await this.#tokenKeys).present();
    try {
      const { kid, alg, typ } = decodeProtectedHeader(idToken);
      const key = known.find((candidate) => candidate.kid === kid && candidate.algorithm === alg);
      // Other tokens of ours are typed: at+jwt, logout+jwt.
      if (key === undefined || (typ !== undefined && typ !== 'JWT')) throw notOurs();
      const { payload } = await jwtVerify(idToken, key.publicKey, {
        algorithms: [key.algorithm],
        issuer: this.#issuer,
        currentDate: moment(0), // its age is judged by `iat`: it lives for minutes, and a receipt is asked for later
      });
      return payload;
    } catch (error) {
      if (error instanceof joseErrors.JOSEError || error instanceof TypeError) throw notOurs(error);
      throw error;
    }
  }

  /** The account, where it can be told. Throws `forbidden` when a person asks about somebody else. */
  async #accountIn(principal: Principal, sub: string, clientId: string): Promise<string | undefined> {
    const { accountId, kind } = principal;
    if (kind === 'system') return sub.startsWith('acc_') ? sub : undefined;
    const metadata = await this.#options.clients.metadataOf(clientId);
    if (kind !== 'person' || accountId === undefined || metadata === undefined)
      throw new TrustError('forbidden', 'a receipt is for the person or the client of the sign-in');
    const subject = this.#subjects.of(accountId, {
      subjectType: metadata['pairwise'] === true ? 'pairwise' : 'public',
      redirectUris: metadata.redirect_uris,
      metadata: () => metadata,
    });
    if (sub !== subject) throw new TrustError('forbidden', 'the ID token is about somebody else');
    return accountId;
  }
}

function encoded(value: object): string {
  return toBase64url(utf8(JSON.stringify(value)));
}

function notOurs(cause?: unknown): TrustError {
  return new TrustError('malformed-request', 'not an ID token of this service', { cause });
}
