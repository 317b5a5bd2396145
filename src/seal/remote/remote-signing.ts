// Remote signing (远程签章): others' software brings a digest, the seal signs it, and the document stays where it is; the rules are those of a stamping.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Authority } from '../../authority/authority.ts';
import type { KeyStore } from '../../crypto/key-store.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { requireScope } from '../../kernel/permissions.ts';
import { house, type Principal } from '../../kernel/principal.ts';
import { recordingRefusal } from '../refused-use.ts';
import type { SealForUse, SealRegister } from '../seals.ts';
import { authoriseSeal } from '../stamp-policy.ts';
import { admitUse, type MandateHolds } from '../use/use-gate.ts';
import { type AdmittedOrder, RemoteLedger } from './remote-ledger.ts';
import { remoteOrder, type RemoteRequest } from './remote-order.ts';
import { type RemoteAttempt, RemoteStore } from './remote-store.ts';

/** Where a process can die, by what has happened before. Tests let a hook at these points fail or never return. */
export type RemoteFaultPoint = 'intended' | 'signed' | 'released';

export interface RemoteSigningOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyStore;
  readonly authority: Authority;
  readonly seals: SealRegister;
  readonly mandateHolds: MandateHolds;
  /** Longest an attempt may take before it counts as abandoned. */
  readonly attemptSeconds?: number;
  readonly faults?: (point: RemoteFaultPoint) => void | Promise<void>;
}

const defaultAttemptSeconds = 10;
const abandonedBatch = 100;

export class RemoteSigning {
  readonly #options: RemoteSigningOptions;
  readonly #ledger: RemoteLedger;

  constructor(options: RemoteSigningOptions) {
    this.#options = options;
    const { clock, attemptSeconds = defaultAttemptSeconds } = options;
    this.#ledger = new RemoteLedger({ ...options, store: new RemoteStore({ clock, attemptSeconds }) });
  }

  /**
   * ECDSA-Sig-Values in DER, in the order of the digests; all or none. A person's digests must be those of the token, each once; a
   * system has the seal by its organisation's grant; the policy of use counts for both. Throws scope-missing, forbidden, use-not-allowed,
   * document-class-required, outside-hours, quota-exhausted, approval-required, malformed-request, seal-not-found,
   * seal-not-active, seal-expired, algorithm-not-supported, stamping-in-doubt, key-unavailable.
   */
  async sign(principal: Principal, request: RemoteRequest): Promise<readonly Uint8Array[]> {
    requireScope(principal, 'credential');
    const { seals, keys } = this.#options;
    const found = await seals.forUse(request.sealId, principal.kind === 'system' ? principal.clientId : undefined);
    const { admitted, signer, attempts } = await this.#recorded(principal, found, async () => {
      const admitted = await this.#admitted(principal, request, found);
      const signer = await keys.digestSigner((found.further ?? found).keyName);
      return { admitted, signer, attempts: await this.#ledger.intend(principal, admitted) };
    });
    const signatures: Uint8Array[] = [];
    try {
      await this.#fault('intended');
      for (const { digest } of admitted.order.digests) signatures.push(await signer.signDigest(digest));
      await this.#fault('signed');
      await this.#ledger.release(principal, attempts, admitted);
      await this.#fault('released');
    } catch (error) {
      await this.#settle(principal, attempts, error);
    }
    return signatures;
  }

  /**
   * Gives attempts that had their time and no outcome their end: voided, with an audit entry. For the start and from time to time; any
   * number of processes at once. Answers how many it voided.
   */
  async voidAbandoned(): Promise<number> {
    let count = 0;
    for (const attempt of await this.#ledger.abandoned(abandonedBatch))
      count += await this.#ledger.void(house, [attempt], 'stamping-in-doubt');
    if (count > 0) this.#options.log.warn({ count }, 'abandoned remote signatures were voided');
    return count;
  }

  /** Of a digest neither class nor level can be known, so a policy that names them lets none through; its purpose is its label. */
  async #admitted(principal: Principal, request: RemoteRequest, seal: SealForUse): Promise<AdmittedOrder> {
    const { authority, clock } = this.#options;
    const order = remoteOrder(principal, request);
    const at = clock.now();
    const asked = { seal, policy: 'intl', level: 'remote', at };
    const [use] = order.digests.map(({ purpose = '' }) => admitUse(principal, { ...asked, purpose }));
    if (use === undefined) throw new TrustError('internal', 'an order without digests was let through');
    return { order, seal: await authoriseSeal({ seal, policy: 'intl', authority, at }), use };
  }

  /** A refused use of a seal is recorded too. */
  #recorded<T>(principal: Principal, { record }: SealForUse, does: () => Promise<T>): Promise<T> {
    const use = { action: 'seal.remote-signature', seal: record, facts: { sealId: record.sealId } } as const;
    return recordingRefusal(this.#options.audit, principal, use, does);
  }

  /** After a failure: voided where the intents still stand; nothing is wrong where only the answer to the commit was lost. */
  async #settle(principal: Principal, attempts: readonly RemoteAttempt[], error: unknown): Promise<void> {
    const code: ErrorCode = isTrustError(error) ? error.code : 'internal';
    const voided = await this.#ledger.void(principal, attempts, code).catch(() => {
      // The database is gone: the intents stand until `voidAbandoned`.
      throw new TrustError('stamping-in-doubt', 'the outcome of the signature is not known yet', { cause: error });
    });
    if (voided > 0 || !(await this.#ledger.areDone(attempts))) throw error;
  }

  async #fault(point: RemoteFaultPoint): Promise<void> {
    await this.#options.faults?.(point);
  }
}
