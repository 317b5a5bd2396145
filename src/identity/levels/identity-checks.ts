// Raising a real-name level (实名等级): the person's own word, a match in the register, a look at the face; each counted, recorded, and plain about nothing but yes or no.

import type { AuditLog } from '../../audit/audit-log.ts';
import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal, RealNameLevel } from '../../kernel/principal.ts';
import type { Account, Accounts, Person } from '../accounts/accounts.ts';
import type { CheckLimits } from './check-limits.ts';
import type { Evidence } from './evidence.ts';
import type { FaceChecks } from './face-checks.ts';
import type { FaceStage, IdentityVerifier } from './identity-verifier.ts';
import { samePerson } from './sealed-person.ts';

export interface IdentityChecksOptions {
  readonly accounts: Pick<Accounts, 'find' | 'personOf'>;
  readonly evidence: Evidence;
  readonly limits: CheckLimits;
  readonly faceChecks: FaceChecks;
  /** Absent: this deployment has none, and levels 3 and 4 come from windows only. */
  readonly verifier?: IdentityVerifier;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

export interface StatedPerson {
  readonly name: string;
  readonly idNumber: string;
}

/** `unfit`: what the form says is no name or no number; nobody was asked. `not-matched` never says which part was wrong. */
export type CheckRefusal =
  | {
      readonly raised: false;
      readonly code: 'name-unfit' | 'number-unfit' | 'not-matched' | 'unavailable' | 'check-over';
    }
  | { readonly raised: false; readonly code: 'pending' }
  | { readonly raised: false; readonly code: 'too-many'; readonly retryAfterSeconds: number };
export type CheckOutcome = { readonly raised: true; readonly level: RealNameLevel } | CheckRefusal;

/** What the page of raising a level has to say. */
export interface LevelView {
  readonly level: RealNameLevel;
  /** What raises the level next; `undefined` when nothing does here. */
  readonly next: 'register' | 'face' | undefined;
  readonly triesLeft: number;
}

/** The highest level that can be reached without going anywhere. */
export const highestOnlineLevel = 4;
const longestName = 50;

export class IdentityChecks {
  readonly #options: IdentityChecksOptions;

  constructor(options: IdentityChecksOptions) {
    this.#options = options;
  }

  /** Whether this deployment can raise levels by itself. */
  get available(): boolean {
    return this.#options.verifier !== undefined;
  }

  async view(account: Account): Promise<LevelView> {
    const next = account.level < 3 ? 'register' : account.level < highestOnlineLevel ? 'face' : undefined;
    return {
      level: account.level,
      next: this.available ? next : undefined,
      triesLeft: await this.#options.limits.leftFor(account.accountId),
    };
  }

  /**
   * Level 2: the person's own word. Another name or number than the account has takes all evidence above level 2 away, at once and
   * with the sessions that rested on it.
   */
  async state(principal: Principal, accountId: string, stated: StatedPerson): Promise<CheckOutcome> {
    const person = readPerson(stated);
    if ('code' in person) return person;
    const evidence = [{ method: 'self-stated', source: 'self' }] as const;
    return { raised: true, level: await this.#options.evidence.establish(principal, accountId, { person, evidence }) };
  }

  /** Level 3: the register knows this name with this number. */
  async matchRegister(principal: Principal, accountId: string, stated: StatedPerson): Promise<CheckOutcome> {
    const { verifier, evidence, limits, accounts } = this.#options;
    if (verifier === undefined) return { raised: false, code: 'unavailable' };
    const person = readPerson(stated);
    if ('code' in person) return person;
    const admission = await limits.admit(accountId, person.idNumber);
    if (!admission.admitted)
      return this.#refused(principal, accountId, { kind: 'register', result: 'too-many' }, admission);
    // A proven name is changed where people say that they change it, never by a check that happens to be asked for.
    const held = await accounts.personOf(accountId);
    const proven = ((await accounts.find(accountId))?.level ?? 0) > 2;
    const asked = proven && !samePerson(person, held);
    const check = asked ? mismatch : await verifier.matchRegister(person, newUuid(this.#options.clock));
    if (check.result !== 'match')
      return this.#refused(principal, accountId, { kind: 'register', result: check.result });
    await this.#recordMatch(principal, accountId, 'register', check.reference);
    const level = await evidence.establish(principal, accountId, {
      person,
      evidence: [
        { method: 'self-stated', source: 'self' },
        { method: 'population-register', source: verifier.source, reference: check.reference },
      ],
    });
    return { raised: true, level };
  }

  /** Begins a look at the face of whoever the register knows the account as. Returns where it is shown. */
  async startFace(
    principal: Principal,
    accountId: string,
    returnTo: (checkId: string) => string,
  ): Promise<{ readonly started: true; readonly checkId: string; readonly stage: FaceStage } | CheckRefusal> {
    const { verifier, limits, faceChecks } = this.#options;
    const person = await this.#provenPerson(accountId);
    if (verifier === undefined || person === undefined) return { raised: false, code: 'unavailable' };
    const admission = await limits.admit(accountId, person.idNumber);
    if (!admission.admitted)
      return this.#refused(principal, accountId, { kind: 'face', result: 'too-many' }, admission);
    const checkId = faceChecks.newId();
    const started = await verifier.startFaceCheck(person, { requestId: checkId, returnUrl: returnTo(checkId) });
    if (started.result !== 'started')
      return this.#refused(principal, accountId, { kind: 'face', result: started.result });
    await faceChecks.begin(checkId, accountId, person, started.reference);
    return { started: true, checkId, stage: started.stage };
  }

  /** Level 4, for twelve months: the verifier says that the person is the holder. */
  async finishFace(
    principal: Principal,
    accountId: string,
    { checkId, standIn }: { readonly checkId: string; readonly standIn: 'match' | 'mismatch' | undefined },
  ): Promise<CheckOutcome> {
    const { verifier, evidence, faceChecks } = this.#options;
    const person = await this.#provenPerson(accountId);
    const reference = person && (await faceChecks.open(checkId, accountId, person));
    if (verifier === undefined || person === undefined || reference === undefined)
      return { raised: false, code: 'check-over' };
    const requestId = newUuid(this.#options.clock);
    const check = await verifier.faceResult({ reference, requestId, standIn });
    if (check.result === 'pending') return { raised: false, code: 'pending' };
    if (check.result === 'unavailable')
      return this.#refused(principal, accountId, { kind: 'face', result: 'unavailable' });
    if (!(await faceChecks.settle(checkId))) return { raised: false, code: 'check-over' };
    if (check.result === 'mismatch') return this.#refused(principal, accountId, { kind: 'face', result: 'mismatch' });
    await this.#recordMatch(principal, accountId, 'face', check.reference);
    const level = await evidence.establish(principal, accountId, {
      about: person,
      evidence: [{ method: 'face', source: verifier.source, reference: check.reference }],
    });
    return level < highestOnlineLevel ? { raised: false, code: 'check-over' } : { raised: true, level };
  }

  /**
   * Level 5: a person of the staff saw the holder and the document at a window (现场核验). Throws `forbidden` for whoever is neither
   * clerk nor administrator, or is the holder; `malformed-request` for a reference that is none; `malformed-identifier`;
   * `approval-required` for another name or number than the proven one: that takes two people.
   */
  async recordInPerson(
    principal: Principal,
    accountId: string,
    { person: stated, reference }: { readonly person: StatedPerson; readonly reference: string },
  ): Promise<RealNameLevel> {
    requireWindowStaff(principal);
    if (principal.accountId === accountId) throw new TrustError('forbidden', 'nobody sees themselves at a window');
    if (!isPlainText(reference, 100))
      throw new TrustError('malformed-request', 'the reference of the window is missing');
    const person = readPerson(stated);
    if ('code' in person) throw new TrustError('malformed-identifier', 'not a name and a resident identity number');
    const { accounts } = this.#options;
    const proven = ((await accounts.find(accountId))?.level ?? 0) > 2;
    if (proven && !samePerson(person, await accounts.personOf(accountId)))
      throw new TrustError('approval-required', 'a proven name is corrected by two administrators');
    return this.#options.evidence.establish(principal, accountId, {
      person,
      evidence: [{ method: 'in-person', source: 'window', reference }],
    });
  }

  /** A face is compared with the photo of somebody the register knows: level 3 comes first. */
  async #provenPerson(accountId: string): Promise<Person | undefined> {
    const { accounts } = this.#options;
    const account = await accounts.find(accountId);
    return account === undefined || account.level < 3 ? undefined : accounts.personOf(accountId);
  }

  async #recordMatch(principal: Principal, accountId: string, kind: string, reference: string): Promise<void> {
    await this.#options.audit.append(principal, {
      action: 'identity.checked',
      outcome: 'done',
      subjectId: accountId,
      facts: { kind, source: this.#options.verifier?.source ?? '', result: 'match' },
      personal: { reference },
    });
  }

  async #refused(
    principal: Principal,
    accountId: string,
    { kind, result }: { kind: 'register' | 'face'; result: 'mismatch' | 'unavailable' | 'too-many' },
    { retryAfterSeconds }: { retryAfterSeconds: number } = { retryAfterSeconds: 0 },
  ): Promise<CheckRefusal> {
    await this.#options.audit.append(principal, {
      action: 'identity.checked',
      outcome: 'failed',
      subjectId: accountId,
      facts: { kind, source: this.#options.verifier?.source ?? '', result },
    });
    if (result === 'too-many') return { raised: false, code: 'too-many', retryAfterSeconds };
    return { raised: false, code: result === 'mismatch' ? 'not-matched' : 'unavailable' };
  }
}

/** Throws `forbidden` for whoever is neither clerk nor administrator. */
export function requireWindowStaff({ kind, roles }: Principal): void {
  if (kind === 'person' && (roles.has('clerk') || roles.has('administrator'))) return;
  throw new TrustError('forbidden', 'staff record whom they saw');
}

const mismatch = { result: 'mismatch' } as const;

function readPerson({
  name: typed,
  idNumber,
}: StatedPerson): Person | (CheckRefusal & { code: 'name-unfit' | 'number-unfit' }) {
  const name = typed.normalize('NFC').trim();
  if (name.length < 2 || !isPlainText(name, longestName)) return { raised: false, code: 'name-unfit' };
  const number = parseResidentId(idNumber.trim())?.number;
  if (number === undefined) return { raised: false, code: 'number-unfit' };
  return { name, idType: 'resident-id', idNumber: number };
}
