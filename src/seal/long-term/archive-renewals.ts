// Renewing the archive time stamp of a PDF before what it rests on ends, when asked to and as a duty; ETSI EN 319 142-1, 5.4.3 and 5.5.

import type { AuditLog } from '../../audit/audit-log.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { addSeconds } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { ownerOf, requireScope } from '../../kernel/permissions.ts';
import { house, type Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { openPdf } from '../../pdf/reader.ts';
import { type DocumentRecord, type DocumentStore, isPdf } from '../documents.ts';
import { type ProductVerifier, readBackRenewed } from '../read-back.ts';
import { archiveOf } from './archive-end.ts';
import { claimDue, enterArchived, newestOf, setRenewed } from './archive-store.ts';
import type { LongTerm } from './long-term.ts';

export interface ArchiveRenewalOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly documents: DocumentStore;
  readonly verifier: ProductVerifier;
  readonly longTerm: LongTerm;
}

export interface RenewedDocument extends DocumentRecord {
  /** The first end among the certificates that its archive time stamp rests on. */
  readonly holdsUntil: Date;
}

/** The duty renews this long before the end, so that a failure has many days to be mended in. */
const earlySeconds = 90 * 86_400;
const claimSeconds = 600;
const batch = 20;

export class ArchiveRenewals {
  readonly #options: ArchiveRenewalOptions;

  constructor(options: ArchiveRenewalOptions) {
    this.#options = options;
  }

  /**
   * A new document: that one, or its last renewal, with the validation data of its last archive time stamp and a new one over it. The
   * same request key answers with the same document. Throws scope-missing, document-not-found, malformed-request, idempotency-key-reused,
   * revocation-data-missing, timestamp-refused, product-not-verified, key-….
   */
  async renew(principal: Principal, documentId: string, requestKey: RequestKey): Promise<RenewedDocument> {
    requireScope(principal, 'seal.stamp');
    const { database, documents } = this.#options;
    const owner = ownerOf(principal);
    // The document stands in the path of the request, not in its body.
    const key = { ...requestKey, bodySha256: sha256(utf8(documentId), requestKey.bodySha256) };
    const earlier = await documents.madeUnder(owner, key);
    if (earlier !== undefined) return this.#shown(owner, earlier);
    const asked = uuidFromId('document', documentId);
    const newest = asked === undefined ? undefined : await newestOf(database, owner, asked);
    const present = newest === undefined ? documentId : idFromUuid('document', newest.document_id);
    return this.#renew(principal, { owner, documentId: present, requestKey: key });
  }

  /** For the rounds that every process makes: of many at once each renews others. Answers how many it renewed. */
  async renewDue(): Promise<number> {
    const { database, clock, log } = this.#options;
    const now = clock.now();
    const claim = { now, before: addSeconds(now, earlySeconds), claimedUntil: addSeconds(now, claimSeconds) };
    let count = 0;
    for (const { document_id: uuid, owner } of await claimDue(database, { ...claim, limit: batch })) {
      try {
        await this.#renew(house, { owner, documentId: idFromUuid('document', uuid) });
        count += 1;
      } catch (error) {
        log.error({ err: error, documentId: idFromUuid('document', uuid) }, 'an archive time stamp was not renewed');
      }
    }
    return count;
  }

  async #renew(
    principal: Principal,
    { owner, documentId, requestKey }: { owner: string; documentId: string; requestKey?: RequestKey },
  ): Promise<RenewedDocument> {
    const { audit, documents, verifier, longTerm } = this.#options;
    const source = await documents.ofOwner(owner, documentId);
    if (!isPdf(source)) throw new TrustError('malformed-request', 'archive time stamps are for PDF');
    const { last, concerns, suite } = archiveOf(openPdf(source));
    if (last === undefined) throw new TrustError('malformed-request', 'the document has no signature to be kept');
    const event = { action: 'archive.renewed', objectId: documentId } as const;
    await audit.append(principal, { ...event, outcome: 'intended', objectSha256: sha256(source) });
    try {
      const lasting = await longTerm.withValidationData(source, concerns);
      const bytes = await longTerm.withArchiveTimestamp(lasting, suite);
      await readBackRenewed(verifier, { source, bytes });
      return await this.#release(principal, { owner, documentId, bytes, requestKey });
    } catch (error) {
      const code = isTrustError(error) ? error.code : 'internal';
      await audit.append(principal, { ...event, outcome: 'voided', code });
      throw error;
    }
  }

  /** Product, row and entry together. Somebody who was first has renewed it, and this one is given up. */
  async #release(
    principal: Principal,
    made: { owner: string; documentId: string; bytes: Uint8Array; requestKey: RequestKey | undefined },
  ): Promise<RenewedDocument> {
    const { database, audit, documents } = this.#options;
    const { owner, documentId, bytes, requestKey } = made;
    const document = openPdf(bytes);
    const { holdsUntil } = archiveOf(document);
    return database.transaction(async (tx) => {
      const pageCount = document.pages.length;
      const stored = await documents.insert(tx, { owner, bytes, pageCount, ...(requestKey && { requestKey }) });
      if (stored === undefined) throw new TrustError('stamping-not-ready', 'the same request is being worked on');
      const [before, after] = [uuidOf(documentId), uuidOf(stored.documentId)];
      if (!(await setRenewed(tx, before, after)))
        throw new TrustError('stamping-not-ready', 'it was renewed at this moment');
      await enterArchived(tx, { documentId: after, owner, holdsUntil });
      await audit.record(tx, principal, {
        action: 'archive.renewed',
        outcome: 'done',
        objectId: documentId,
        objectSha256: stored.sha256,
        facts: { renewedAs: stored.documentId, holdsUntil: holdsUntil.toISOString() },
      });
      return { ...stored, holdsUntil };
    });
  }

  async #shown(owner: string, record: DocumentRecord): Promise<RenewedDocument> {
    const { holdsUntil } = archiveOf(openPdf(await this.#options.documents.ofOwner(owner, record.documentId)));
    return { ...record, holdsUntil };
  }
}

function uuidOf(documentId: string): Uuid {
  const uuid = uuidFromId('document', documentId);
  if (uuid === undefined) throw new TrustError('document-not-found', 'there is no such document');
  return uuid;
}
