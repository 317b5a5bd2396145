// Whom we trust besides ourselves, and for what: the anchors of the register and of the folder `anchors`; RFC 5280, 6.1.1 (d).

import type { Database } from '../db/database.ts';
import { sha256 } from '../crypto/digest.ts';
import { fromBase64, fromHex, toHex } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { newUuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { Crl } from '../pki/crl.ts';
import type { AnchorPurpose, TrustAnchors } from '../pki/trust-anchor.ts';
import { anchorPurposes, anchorsFromFile, joinedAnchors } from '../pki/trust-anchor.ts';
import type { StoredAnchor } from './anchor-store.ts';
import { AnchorStore } from './anchor-store.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { AnchorDeed } from './authority-deed.ts';
import { canonicalDeed, purposesIn } from './authority-deed.ts';
import type { CertificateStore } from './certificate-store.ts';
import type { DeedTie } from './deed-tie.ts';
import { requireAdministrator, requireScope } from './permissions.ts';

export interface AnchorRegisterOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly store: Pick<CertificateStore, 'isAuthorityKey'>;
  /** Those of the folder, as they were when the process started. */
  readonly folder: TrustAnchors;
  /** Their CRLs, as an operator keeps them. */
  readonly lists: () => Promise<readonly Crl[]>;
}

export interface ListedAnchor {
  readonly certificate: Certificate;
  readonly sha256: Uint8Array;
  readonly purposes: readonly AnchorPurpose[];
  /** Absent: from the folder, put there by whoever may write to it. */
  readonly added?: { readonly proposedBy: string; readonly approvedBy: string; readonly at: Date };
}

/** Each is tried as the issuer of certificates from outside. */
const maxInForce = 200;

export class AnchorRegister {
  readonly #options: AnchorRegisterOptions;
  readonly #store = new AnchorStore();

  constructor(options: AnchorRegisterOptions) {
    this.#options = options;
  }

  /** By purpose, true to the last committed deed. Our own roots are not among them. */
  async byPurpose(): Promise<TrustAnchors> {
    const { database, folder } = this.#options;
    const stored = await this.#store.inForce(database);
    const of = (wanted: AnchorPurpose) =>
      stored.flatMap(({ purposes, certificate }) => (purposes.includes(wanted) ? [certificate] : []));
    const register = {
      seal: of('seal'),
      'time-stamp': of('time-stamp'),
      licence: of('licence'),
      'seal-maker': of('seal-maker'),
    };
    return joinedAnchors([folder, register]);
  }

  /** CRLs of other authorities from beside the folder's anchors: trusted for nothing before their signatures are. */
  lists(): Promise<readonly Crl[]> {
    return this.#options.lists();
  }

  /** Those in force: of the register in the order of their adding, then those of this node's folder. Throws `scope-missing`. */
  async list(principal: Principal): Promise<ListedAnchor[]> {
    requireScope(principal, 'pki.read');
    const { database } = this.#options;
    return [...(await this.#store.inForce(database)).map(listed), ...this.#ofFolder()];
  }

  /** Throws `malformed-certificate`, `trust-anchor-in-force`, `trust-anchor-not-found`, `malformed-request`. */
  async checkDeed(deed: AnchorDeed): Promise<void> {
    const inForce = await this.#store.inForce(this.#options.database);
    const has = (digest: string) => inForce.some(({ certificate }) => toHex(sha256(certificate.der)) === digest);
    if (deed.kind === 'withdraw-anchor') {
      if (!has(deed.sha256)) throw notFound();
      return;
    }
    const { der, spki } = certificateOf(deed);
    // Nobody asks for the status of an anchor: as one, an authority of ours could not be revoked any more.
    if (await this.#options.store.isAuthorityKey(this.#options.database, sha256(spki)))
      throw new TrustError(
        'malformed-request',
        'this is the key of one of our own authorities: the register tells of it',
      );
    if (has(toHex(sha256(der)))) throw alreadyThere();
    if (inForce.length >= maxInForce)
      throw new TrustError('malformed-request', `more than ${maxInForce} trust anchors`);
  }

  /** Does a deed that was approved; nobody else calls this. Returns the SHA-256 of the anchor. Throws what `checkDeed` throws. */
  async execute(principal: Principal, deed: AnchorDeed, tie: DeedTie): Promise<string> {
    return deed.kind === 'add-anchor' ? this.#add(principal, deed, tie) : this.#withdraw(principal, deed, tie);
  }

  async #add(principal: Principal, deed: AnchorDeed & { kind: 'add-anchor' }, tie: DeedTie): Promise<string> {
    const { database, audit, clock } = this.#options;
    await this.checkDeed(deed);
    const [{ der }, purposes] = [certificateOf(deed), purposesOf(deed)];
    const [approvedBy, certificateSha256] = [requireAdministrator(principal), sha256(der)];
    const anchorId = newUuid(clock);
    const { sha256: deedSha256 } = canonicalDeed(deed);
    const row = { anchorId, der, certificateSha256, purposes, approvedBy, addedAt: clock.now(), deedSha256 };
    const fingerprint = toHex(certificateSha256);
    await database.transaction(async (tx) => {
      if (!(await this.#store.add(tx, row))) throw alreadyThere();
      const facts = { purposes: purposes.join(',') };
      const event = { action: 'trust-anchor.added', outcome: 'done', objectId: fingerprint, facts } as const;
      await audit.record(tx, principal, { ...event, objectSha256: certificateSha256 });
      await tie.done(tx, fingerprint);
    });
    return fingerprint;
  }

  async #withdraw(principal: Principal, deed: AnchorDeed & { kind: 'withdraw-anchor' }, tie: DeedTie): Promise<string> {
    const { database, audit, clock } = this.#options;
    const by = requireAdministrator(principal);
    const digest = fromHex(deed.sha256) ?? new Uint8Array();
    await database.transaction(async (tx) => {
      if (!(await this.#store.withdraw(tx, digest, by, clock.now()))) throw notFound();
      const event = { action: 'trust-anchor.withdrawn', outcome: 'done', objectId: deed.sha256 } as const;
      await audit.record(tx, principal, { ...event, objectSha256: digest });
      await tie.done(tx, deed.sha256);
    });
    return deed.sha256;
  }

  #ofFolder(): ListedAnchor[] {
    const { folder } = this.#options;
    const found = new Map<string, ListedAnchor>();
    for (const purpose of anchorPurposes) {
      for (const certificate of folder[purpose]) {
        const digest = sha256(certificate.der);
        const purposes = [...(found.get(toHex(digest))?.purposes ?? []), purpose];
        found.set(toHex(digest), { certificate, sha256: digest, purposes });
      }
    }
    return [...found.values()];
  }
}

function listed({ certificate, purposes, proposedBy, approvedBy, addedAt: at }: StoredAnchor): ListedAnchor {
  return { certificate, sha256: sha256(certificate.der), purposes, added: { proposedBy, approvedBy, at } };
}

function certificateOf(deed: AnchorDeed & { kind: 'add-anchor' }): Certificate {
  const [certificate, ...surplus] = anchorsFromFile(fromBase64(deed.certificate) ?? new Uint8Array(), purposesOf(deed));
  if (certificate === undefined || surplus.length > 0) {
    throw new TrustError('malformed-certificate', 'a trust anchor is one certificate');
  }
  return certificate;
}

function purposesOf(deed: AnchorDeed & { kind: 'add-anchor' }): AnchorPurpose[] {
  const purposes = purposesIn(deed.purposes);
  if (purposes === undefined) {
    throw new TrustError(
      'malformed-request',
      `purposes are some of ${anchorPurposes.join(', ')}, each once, in this order`,
    );
  }
  return purposes;
}

function alreadyThere(): TrustError {
  return new TrustError(
    'trust-anchor-in-force',
    'this certificate is a trust anchor; to change its purposes, withdraw it first',
  );
}

function notFound(): TrustError {
  return new TrustError('trust-anchor-not-found', 'no trust anchor of the register has this SHA-256');
}
