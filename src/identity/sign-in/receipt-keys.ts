// The house's keys for receipts of sign-ins: ES256 for everybody, SM2 for whoever asks; made when the first receipt is wanted.

import type { AuditLog } from '../../audit/audit-log.ts';
import { digest } from '../../crypto/digest.ts';
import type { KeyDescription, KeyStore } from '../../crypto/key-store.ts';
import type { Signer } from '../../crypto/signer.ts';
import { toBase64url } from '../../kernel/bytes.ts';
import { house } from '../../kernel/principal.ts';

const purpose = 'identity-receipt';
const wanted = [
  { name: 'identity-receipt-es256', purpose, algorithm: 'ES256' },
  { name: 'identity-receipt-sm2', purpose, algorithm: 'SM2' },
] as const;
export type ReceiptAlgorithm = (typeof wanted)[number]['algorithm'];

export interface ReceiptKey {
  readonly kid: string;
  readonly algorithm: ReceiptAlgorithm;
  readonly state: KeyDescription['state'];
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export class ReceiptKeys {
  readonly #keys: KeyStore;
  readonly #audit: Pick<AuditLog, 'append'>;

  constructor({ keys, audit }: { readonly keys: KeyStore; readonly audit: Pick<AuditLog, 'append'> }) {
    this.#keys = keys;
    this.#audit = audit;
  }

  /** Throws what the key store throws. */
  async signer(algorithm: ReceiptAlgorithm): Promise<{ signer: Signer; kid: string }> {
    const request = await this.#made(algorithm);
    const signer = await this.#keys.signer(request.name, purpose);
    return { signer, kid: kidOf(signer.spki) };
  }

  /** All that verify a receipt: those that sign, will sign, or have signed and are not retired. */
  async published(): Promise<ReceiptKey[]> {
    const families = await Promise.all(
      wanted.map(async ({ algorithm }) => {
        const { name } = await this.#made(algorithm);
        return (await this.#keys.family(name)).map(({ state, spki }) => ({ kid: kidOf(spki), algorithm, state, spki }));
      }),
    );
    return families.flat().filter(({ state }) => ['active', 'retiring', 'pending'].includes(state));
  }

  /** Making a key is atomic: two processes that come first get the same. A crash in here leaves an intent, and a key or none. */
  async #made(algorithm: ReceiptAlgorithm) {
    const request = algorithm === 'ES256' ? wanted[0] : wanted[1];
    if ((await this.#keys.find(request.name)) !== undefined) return request;
    const facts = { keyName: request.name, purpose, algorithm };
    await this.#audit.append(house, { action: 'key.created', outcome: 'intended', objectId: request.name, facts });
    await this.#keys.create(request);
    await this.#audit.append(house, { action: 'key.created', outcome: 'done', objectId: request.name, facts });
    return request;
  }
}

/** SHA-256 of the SubjectPublicKeyInfo: one rule for both kinds of keys. */
function kidOf(spki: Uint8Array): string {
  return toBase64url(digest('SHA-256', spki));
}
