// Builds every service once, by `new`, from the settings and an open database. Whoever serves, seeds or commands starts here.

import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { type Alerting, createAlerting } from './audit/alerts/alerting.ts';
import { ArchiveReader } from './audit/archive/archive-reader.ts';
import { AuditedKeyStore } from './audit/audited-key-store.ts';
import { AuditLog } from './audit/audit-log.ts';
import { CountRunner } from './audit/counts/count-runner.ts';
import { EntryCounts } from './audit/counts/entry-counts.ts';
import { logOrigin } from './audit/log-name.ts';
import { LogRunner } from './audit/log-runner.ts';
import { fileMemory } from './audit/note-memory.ts';
import { Authority } from './authority/authority.ts';
import { OcspResponder } from './authority/ocsp-responder.ts';
import { OwnTimestampAuthority } from './authority/time-stamp.ts';
import type { Config } from './config.ts';
import { FieldCipher } from './crypto/field-cipher.ts';
import type { KeyKeeping, KeyStore } from './crypto/key-store.ts';
import type { Database } from './db/database.ts';
import { providerPages } from './http/pages/sign-in-provider-pages.ts';
import { identitySource } from './identity-source.ts';
import { type Administration, createAdministration } from './identity/administration/administration.ts';
import { colleagues } from './identity/administration/same-person.ts';
import { ClientCertificates } from './identity/engine/client-certificate.ts';
import { BreachedPasswords } from './identity/accounts/breached-passwords.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { toBase64url } from './kernel/bytes.ts';
import type { Clock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import { house } from './kernel/principal.ts';
import { openKeyStore } from './open-key-store.ts';
import { LicenceCatalogue } from './licence/catalogue.ts';
import { LicenceIssuers } from './licence/issuers.ts';
import { LicenceService } from './licence/licences.ts';
import { DocumentStore, isPdf } from './seal/documents.ts';
import { AnchorLists } from './anchor-lists.ts';
import { foreignTimestamps } from './foreign-timestamps.ts';
import { createSealOffice, type SealOffice } from './seal/life/seal-office.ts';
import { StampingBatches } from './seal/batch/batches.ts';
import { BatchWorker } from './seal/batch/batch-worker.ts';
import { RemoteSeals } from './seal/remote/remote-seals.ts';
import { RemoteSigning } from './seal/remote/remote-signing.ts';
import { SealMaker } from './seal/seal-maker.ts';
import { SealRegister } from './seal/seals.ts';
import { DigestStampService } from './seal/digest/digest-stamping.ts';
import { ArchiveRenewals } from './seal/long-term/archive-renewals.ts';
import { LongTerm } from './seal/long-term/long-term.ts';
import { ValidationSources } from './seal/long-term/validation-sources.ts';
import { StampService } from './seal/stamping.ts';
import type { MandateHolds } from './seal/use/use-gate.ts';
import { StampingRequests } from './seal/use/stamping-requests.ts';
import { ordererNow, stampingPeople } from './stamping-people.ts';
import { readAnchors } from './trust-anchors.ts';
import { DocumentVerifier } from './verification/documents.ts';
import { smsSource } from './sms-source.ts';
import { OfdJudge } from './verification/ofd-judge.ts';
import { PdfJudge } from './verification/pdf-judge.ts';
import { VerificationReceipts } from './verification/verification-receipts.ts';
import { LicenceVerifier } from './verification/licences.ts';

export interface Foundation {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Services extends Foundation {
  /** For those who answer for the keys; the rooms sign through `keys`. */
  readonly keyKeeping: KeyKeeping;
  readonly keys: KeyStore;
  readonly cipher: FieldCipher;
  readonly audit: AuditLog;
  readonly archive: ArchiveReader | undefined;
  readonly logRunner: LogRunner;
  readonly alerting: Alerting;
  readonly counts: EntryCounts;
  readonly countRunner: CountRunner;
  readonly authority: Authority;
  readonly ocsp: OcspResponder;
  readonly timestamps: OwnTimestampAuthority;
  readonly identity: Identity;
  readonly administration: Administration;
  readonly documents: DocumentStore;
  readonly seals: SealRegister;
  readonly sealMaker: SealMaker;
  readonly sealOffice: SealOffice;
  readonly stamping: StampService;
  readonly archiveRenewals: ArchiveRenewals;
  readonly batches: StampingBatches;
  readonly batchWorker: BatchWorker;
  readonly stampingRequests: StampingRequests;
  readonly remoteSeals: RemoteSeals;
  readonly remoteSigning: RemoteSigning;
  readonly digestStamping: DigestStampService;
  readonly catalogue: LicenceCatalogue;
  readonly issuers: LicenceIssuers;
  readonly licences: LicenceService;
  readonly documentVerifier: DocumentVerifier;
  readonly verificationReceipts: VerificationReceipts;
  readonly licenceVerifier: LicenceVerifier;
}

const logKeyName = 'audit-log';

/** Throws what the key store, the database and the audit log throw. Nothing runs in the background yet. */
export async function buildServices(foundation: Foundation): Promise<Services> {
  const { config, database, clock, log } = foundation;
  const { publicUrl } = config;
  const sandbox = config.mode === 'sandbox';
  const keyKeeping = await openKeyStore(config, { clock, log });
  const { keyEncryptionKey, fieldCipher = 'aes-256-gcm' } = config;
  const cipher = new FieldCipher({ keyEncryptionKey, algorithm: fieldCipher });
  const archive = archiveReader(config);
  const audit = new AuditLog({ database, clock, cipher, log, strict: sandbox, ...(archive && { archive }) });
  const keys = new AuditedKeyStore({ keys: keyKeeping, audit });
  await ensureLogKey(keys, audit);
  const logRunner = new LogRunner({
    database,
    signer: await keys.signer(logKeyName, 'log'),
    origin: await logOrigin(database, publicUrl),
    clock,
    log,
    ...(config.logWitnesses === undefined ? {} : { witnesses: config.logWitnesses }),
    ...(config.logMemoryFile === undefined ? {} : { memory: fileMemory(config.logMemoryFile) }),
  });
  audit.follow(logRunner);
  const alerting = createAlerting({
    database,
    audit,
    logRunner,
    cipher,
    clock,
    log,
    publicUrl,
    outgoing: { loopback: sandbox, internalHosts: config.webhookInternalHosts ?? [] },
  });

  const algorithm = config.authorityAlgorithm ?? 'ES256';
  const directory = join(config.certsDirectory, 'anchors');
  const lists = new AnchorLists({ directory, log });
  const anchors = { anchorFolder: readAnchors(directory), anchorLists: () => lists.current() };
  const authority = new Authority({
    ...anchors,
    database,
    audit,
    keys,
    clock,
    publicUrl,
    log,
    sandbox,
    algorithm,
    colleagues,
  });
  await authority.ensureHierarchy();
  const ocsp = new OcspResponder({ database, audit, keys, clock, log });
  const timestamps = new OwnTimestampAuthority({ authority, audit, keys, clock, log });

  const sms = smsSource(config, log);
  const { breachedPasswordsFile: breached } = config;
  const { clientCertificateHeaders: certificates } = config;
  const identity = await createIdentity({
    database,
    audit,
    keys,
    cipher,
    clock,
    publicUrl,
    cookieKeys: [derivedSecret(config, 'cookie signatures')],
    pages: providerPages({ sandbox }),
    ...(certificates === undefined ? {} : { clientCertificates: new ClientCertificates(certificates) }),
    registersClients: config.dynamicRegistration === 'token',
    ...(config.upstreams === undefined ? {} : { upstreams: config.upstreams }),
    logoutRules: { loopback: sandbox, internalHosts: config.logoutInternalHosts ?? [] },
    ...identitySource(config, log),
    ...(sms === undefined ? {} : { sms }),
    ...(breached === undefined ? {} : { breachedPasswords: new BreachedPasswords(breached) }),
    log,
  });

  const documents = new DocumentStore({ database, audit, clock, maxDocumentBytes: config.maxDocumentBytes });
  const seals = new SealRegister({ database, audit, clock });
  const sealMaker = new SealMaker({ database, audit, clock, keys, authority, sesVersion: config.sesVersion });
  const isSamePerson = async (accountId: string, other: string) => {
    const [one, another] = await Promise.all([accountId, other].map((id) => identity.accounts.personOf(id)));
    return one !== undefined && one.idNumber === another?.idNumber;
  };
  const sealOffice = createSealOffice({ database, audit, clock, authority, seals, maker: sealMaker, isSamePerson });
  const pdf = new PdfJudge({ authority, seals, clock });
  const ofd = new OfdJudge({ authority, seals, clock });
  const verificationReceipts = new VerificationReceipts({ keys, audit, publicUrl });
  const mandateHolds: MandateHolds = (tx, accountId, mandateId) =>
    identity.mandateRegister.holdsWithin(tx, accountId, mandateId);
  const stampOptions = {
    database,
    audit,
    clock,
    log,
    keys,
    authority,
    ocsp,
    timestamps: foreignTimestamps(config, { clock, anchors: authority.foreignAnchors }) ?? timestamps,
    seals,
    documents,
    verifier: { judge: (bytes: Uint8Array) => (isPdf(bytes) ? pdf : ofd).judge(bytes) },
    mandateHolds,
  };
  const stamping = new StampService(stampOptions);
  const digestStamping = new DigestStampService(stampOptions);
  const longTerm = new LongTerm({ sources: new ValidationSources(stampOptions), timestamps: stampOptions.timestamps });
  const archiveRenewals = new ArchiveRenewals({ ...stampOptions, longTerm });

  const batchWorker = new BatchWorker({
    database,
    audit,
    clock,
    log,
    stamping: new StampService({ ...stampOptions, auditWaitMs: 0 }),
    asOfNow: ordererNow(identity),
  });
  const nudge = () => batchWorker.nudge();
  const batches = new StampingBatches({ database, audit, clock, seals, documents, nudge });

  const stampingRequests = new StampingRequests({
    database,
    audit,
    clock,
    seals,
    documents,
    stamping,
    people: stampingPeople(identity),
  });

  const remoteSeals = new RemoteSeals({ database, clock, authority, seals });
  const remoteSigning = new RemoteSigning({ database, audit, clock, log, keys, authority, seals, mandateHolds });

  const catalogue = new LicenceCatalogue({ database, audit, clock });
  const issuers = new LicenceIssuers({ database, audit, keys, authority });
  const holders = { holderOf: (accountId: string) => identity.accounts.personOf(accountId) };
  const licences = new LicenceService({
    database,
    audit,
    clock,
    log,
    keys,
    cipher,
    catalogue,
    issuers,
    holders,
    publicUrl,
  });
  return {
    ...foundation,
    keyKeeping,
    keys,
    cipher,
    audit,
    archive,
    logRunner,
    alerting,
    counts: new EntryCounts(database),
    countRunner: new CountRunner({ database, log }),
    authority,
    ocsp,
    timestamps,
    identity,
    administration: createAdministration({
      database,
      audit,
      cipher,
      keys,
      clock,
      publicUrl,
      identity,
      otherNamesOf: async (accountId) => [await licences.subjectOfAccount(accountId)].filter((id) => id !== undefined),
      withCertificates: certificates !== undefined,
    }),
    documents,
    seals,
    sealMaker,
    sealOffice,
    stamping,
    archiveRenewals,
    batches,
    batchWorker,
    stampingRequests,
    remoteSeals,
    remoteSigning,
    digestStamping,
    catalogue,
    issuers,
    licences,
    documentVerifier: new DocumentVerifier({ audit, clock, pdf, ofd, receipts: verificationReceipts }),
    verificationReceipts,
    licenceVerifier: new LicenceVerifier({ audit, authority, clock, issuers, licences, publicUrl }),
  };
}

/** Archived months of the audit log, where this node has their folder. */
function archiveReader({ auditArchiveDirectory }: Config): ArchiveReader | undefined {
  return auditArchiveDirectory === undefined ? undefined : new ArchiveReader({ directory: auditArchiveDirectory });
}

/** A crash in here leaves an intent, and a key or none. */
async function ensureLogKey(keys: KeyStore, audit: AuditLog): Promise<void> {
  if ((await keys.find(logKeyName)) !== undefined) return;
  const facts = { keyName: logKeyName, purpose: 'log', algorithm: 'EdDSA' };
  await audit.append(house, { action: 'key.created', outcome: 'intended', objectId: logKeyName, facts });
  await keys.create({ name: logKeyName, purpose: 'log', algorithm: 'EdDSA' });
  await audit.append(house, { action: 'key.created', outcome: 'done', objectId: logKeyName, facts });
}

/** A secret for one use, the same in every process that has the key-encryption key (RFC 5869). */
export function derivedSecret(config: Config, use: string): string {
  return toBase64url(new Uint8Array(hkdfSync('sha256', config.keyEncryptionKey, '', `yinxin ${use} v1`, 32)));
}
