// The audit entries of the OCSP keys: one intent before a key answers for the next ten minutes, one outcome with the count after them.

import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { house } from '../kernel/principal.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { IssuerName } from './hierarchy.ts';

/** An entry for each answer would let every stranger who asks write into the log. */
const sessionSeconds = 600;

interface Session {
  readonly keyName: string;
  readonly until: Date;
  answers: number;
}

export class OcspSession {
  readonly #audit: AuditRecorder;
  readonly #clock: Clock;
  readonly #sessions = new Map<IssuerName, Session>();
  readonly #opening = new Map<IssuerName, Promise<void>>();

  constructor({ audit, clock }: { audit: AuditRecorder; clock: Clock }) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Resolves when the intent of the current ten minutes is committed: only then may the key act. */
  opened(ca: IssuerName, keyName: string): Promise<void> | undefined {
    const now = this.#clock.now();
    const session = this.#sessions.get(ca);
    if (session?.keyName === keyName && now < session.until) return undefined;
    const opening = this.#opening.get(ca) ?? this.#open(ca, keyName).finally(() => this.#opening.delete(ca));
    this.#opening.set(ca, opening);
    return opening;
  }

  answered(ca: IssuerName): void {
    const session = this.#sessions.get(ca);
    if (session !== undefined) session.answers++;
  }

  /** A crash loses the counts of the sessions that are open, not the fact that they were. */
  async close(): Promise<void> {
    for (const [ca, session] of this.#sessions) await this.#finish(ca, session);
    this.#sessions.clear();
  }

  async #open(ca: IssuerName, keyName: string): Promise<void> {
    const before = this.#sessions.get(ca);
    if (before !== undefined) await this.#finish(ca, before);
    const facts = { keyName, seconds: sessionSeconds };
    await this.#audit.append(house, { action: 'ocsp.answering', outcome: 'intended', objectId: ca, facts });
    this.#sessions.set(ca, { keyName, until: addSeconds(this.#clock.now(), sessionSeconds), answers: 0 });
  }

  async #finish(ca: IssuerName, { keyName, answers }: Session): Promise<void> {
    const facts = { keyName, answers };
    await this.#audit.append(house, { action: 'ocsp.answering', outcome: 'done', objectId: ca, facts });
  }
}
