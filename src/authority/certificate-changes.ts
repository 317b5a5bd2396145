// Revoking, suspending (挂起) and resuming certificates, each with its audit entry in one transaction; RFC 5280, 5.3.1.

import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RevocationReason } from '../pki/revocation.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore } from './certificate-store.ts';
import type { DeedTie } from './deed-tie.ts';
import type { StatusChange, StatusStore } from './status-store.ts';

export interface CertificateChangesOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly store: CertificateStore;
  readonly statuses: StatusStore;
}

const actions = {
  revoke: 'certificate.revoked',
  suspend: 'certificate.suspended',
  release: 'certificate.resumed',
} as const;

export class CertificateChanges {
  readonly #options: CertificateChangesOptions;

  constructor(options: CertificateChangesOptions) {
    this.#options = options;
  }

  /** A certificate already revoked keeps its first revocation. Throws `certificate-not-found`. */
  async revoke(
    serialHex: string,
    reason: Exclude<RevocationReason, 'certificateHold'>,
    principal: Principal,
    tie?: DeedTie,
  ): Promise<void> {
    const change = { kind: 'revoke', reason, at: this.#options.clock.now() } as const;
    const changed = await this.#change(serialHex, change, principal, tie);
    if (!changed) await this.#requireKnown(serialHex);
  }

  /** The same in the transaction of a deed that it is part of. */
  async revokeWithin(
    tx: Transaction,
    serialHex: string,
    reason: Exclude<RevocationReason, 'certificateHold'>,
    principal: Principal,
  ): Promise<void> {
    const change = { kind: 'revoke', reason, at: this.#options.clock.now() } as const;
    const changed = await this.#changeWithin(tx, serialHex, change, principal);
    if (!changed) await this.#requireKnown(serialHex);
  }

  /** Suspending twice changes nothing. Throws `certificate-not-found`, `certificate-transition-forbidden` when it is revoked. */
  async suspend(serialHex: string, principal: Principal, tie?: DeedTie): Promise<void> {
    const change = { kind: 'suspend', at: this.#options.clock.now() } as const;
    const changed = await this.#change(serialHex, change, principal, tie);
    if (changed) return;
    if ((await this.#requireKnown(serialHex)) !== 'certificateHold')
      throw forbidden('a revoked certificate stays revoked');
  }

  /** Throws `certificate-not-found`, `certificate-transition-forbidden` when it is not suspended. */
  async resume(serialHex: string, principal: Principal, tie?: DeedTie): Promise<void> {
    if (await this.#change(serialHex, { kind: 'release' }, principal, tie)) return;
    await this.#requireKnown(serialHex);
    throw forbidden('only a suspended certificate can be resumed');
  }

  #change(serialHex: string, change: StatusChange, principal: Principal, tie?: DeedTie): Promise<boolean> {
    return this.#options.database.transaction(async (tx) => {
      const changed = await this.#changeWithin(tx, serialHex, change, principal);
      if (changed) await tie?.done(tx, serialHex);
      return changed;
    });
  }

  async #changeWithin(
    tx: Transaction,
    serialHex: string,
    change: StatusChange,
    principal: Principal,
  ): Promise<boolean> {
    const { audit, statuses } = this.#options;
    const changed = await statuses.changeStatus(tx, serialHex, change);
    const reason = change.kind === 'revoke' ? { reason: change.reason } : {};
    const facts = { serial: serialHex, ...reason };
    if (changed) await audit.record(tx, principal, { action: actions[change.kind], outcome: 'done', facts });
    return changed;
  }

  /** The reason of its revocation, if it has one. */
  async #requireKnown(serialHex: string): Promise<RevocationReason | undefined> {
    const stored = await this.#options.store.bySerial(this.#options.database, serialHex);
    if (stored === undefined) throw new TrustError('certificate-not-found', 'no certificate of ours has this serial');
    return stored.revocation?.reason;
  }
}

function forbidden(message: string): TrustError {
  return new TrustError('certificate-transition-forbidden', message);
}
