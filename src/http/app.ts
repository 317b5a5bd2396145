// The whole door: every router in its order, from the request's context to the border where errors become answers.

import express, { type Express } from 'express';
import { join } from 'node:path';
import type { ArchiveReader } from '../audit/archive/archive-reader.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { AuditedReading } from '../audit/audited-reading.ts';
import type { EntryCounts } from '../audit/counts/entry-counts.ts';
import { LogTiles } from '../audit/log-tiles.ts';
import { AuditProofs } from '../audit/proofs.ts';
import { operations } from '../contract/api.ts';
import type { Database } from '../db/database.ts';
import type { Administration } from '../identity/administration/administration.ts';
import type { Identity } from '../identity/identity.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { accountOfficeHandlers } from './account-office-handlers.ts';
import { Activity } from './activity.ts';
import { activityHandlers } from './activity-handlers.ts';
import { type AlertServices, alertHandlers } from './alert-handlers.ts';
import { type ApiOptions, apiRouter, binder } from './api.ts';
import { apiDocs } from './api-docs.ts';
import { anchorHandlers } from './anchor-handlers.ts';
import { type AuthorityServices, authorityHandlers } from './authority-handlers.ts';
import { auditHandlers, logEndpoints } from './audit-handlers.ts';
import { clientHandlers } from './client-handlers.ts';
import { type CscServices, cscHandlers } from './csc/csc-handlers.ts';
import { cscOauth } from './csc/csc-oauth.ts';
import { cscRouter } from './csc/csc-router.ts';
import { type LicenceServices, licenceHandlers } from './licence-handlers.ts';
import { mandateHandlers } from './mandate-handlers.ts';
import { operationsEndpoints, type ReadinessCheck } from './operations-endpoints.ts';
import { packageFolder } from './package-folder.ts';
import { webBuild } from './pages/assets.ts';
import { pagesRouter, problemPages } from './pages.ts';
import { pkiEndpoints, type PkiServices } from './pki-endpoints.ts';
import { pkiPosts } from './pki-posts.ts';
import { problemHandler } from './problem.ts';
import { proxyHeaders } from './proxy-headers.ts';
import { registrationEndpoint } from './registration-endpoint.ts';
import { registrationTokenHandlers } from './registration-token-handlers.ts';
import { requestContext } from './request-context.ts';
import type { DigestStampService } from '../seal/digest/digest-stamping.ts';
import { digestStampingHandlers } from './digest-stamping-handlers.ts';
import { type SealServices, sealHandlers } from './seal-handlers.ts';
import { type SealLifeServices, sealLifeHandlers } from './seal-life-handlers.ts';
import { sealStatusHandlers } from './seal-status-handlers.ts';
import { type SealUseServices, sealUseHandlers } from './seal-use-handlers.ts';
import { securityHeaders } from './security-headers.ts';
import { signInRouter } from './sign-in.ts';
import { signInReceiptHandlers } from './sign-in-receipt-handlers.ts';
import { type StampingBatchServices, stampingBatchHandlers } from './stamping-batch-handlers.ts';
import { type VerificationServices, verificationHandlers } from './verification-handlers.ts';

export interface AppOptions
  extends SealServices,
    SealLifeServices,
    StampingBatchServices,
    SealUseServices,
    LicenceServices,
    VerificationServices,
    PkiServices,
    AuthorityServices,
    CscServices {
  readonly digestStamping: DigestStampService;
  readonly alerting: AlertServices;
  readonly publicUrl: string;
  readonly sandbox: boolean;
  readonly maxDocumentBytes: number;
  readonly trustedProxies: readonly string[];
  /** Headers that are believed from those proxies only; in lower case. */
  readonly proxyHeaders: readonly string[];
  readonly cookieKeys: readonly string[];
  readonly cipher: FieldCipher;
  readonly pageClientSecret: string;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly counts: EntryCounts;
  readonly clock: Clock;
  readonly logVerifierKey: string;
  readonly archive: ArchiveReader | undefined;
  readonly identity: Identity;
  readonly administration: Administration;
  /** Systems may register themselves (RFC 7591). */
  readonly registersClients: boolean;
  readonly checks: readonly ReadinessCheck[];
  readonly stopping: () => boolean;
  readonly log: Log;
}

export function createApp(options: AppOptions): Express {
  const { publicUrl, sandbox, identity, audit, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...options.trustedProxies]);

  const trusts: (address: string, hop: number) => boolean = app.get('trust proxy fn');
  app.use(proxyHeaders({ names: options.proxyHeaders, trusts: (address) => trusts(address, 0) }));
  app.use(requestContext({ publicUrl, sandbox }));
  const pageHeaders = securityHeaders({ https: publicUrl.startsWith('https:') });
  app.use(pkiPosts(options, pageHeaders));
  app.use(pageHeaders);
  app.use(
    operationsEndpoints({
      checks: options.checks,
      stopping: options.stopping,
      auditQueueDepth: () => audit.queueDepth(),
      certificates: () => options.authority.serviceCertificates(),
    }),
  );
  // Before every body reader: the OIDC engine reads its bodies itself.
  const build = webBuild(join(packageFolder, 'dist/web'));
  if (options.registersClients)
    app.use(registrationEndpoint({ publicUrl, log, registration: options.administration.selfRegistration }));
  app.use(cscOauth(options));
  const sealName = async (sealId: string) => {
    const seal = await options.seals.find(sealId);
    return seal && `${seal.name}（${seal.organisation.name}）`;
  };
  app.use(signInRouter({ identity, publicUrl, sandbox, sealName, passkeyScript: build.scriptOf('passkey') }));
  const { database, logVerifierKey: verifierKey, archive } = options;
  const proofs = new AuditProofs({ database, verifierKey });
  const activity = new Activity({ audit, holders: options.licences, clients: identity.clients });
  const { bind, principalOf } = bindingOf(options);
  app.use(api(options, { bind, proofs, activity }));
  app.use(cscRouter(cscHandlers(bind, { ...options, principalOf }), log));
  app.use(apiDocs(operations));
  app.use('/log', logEndpoints(new LogTiles({ database, verifierKey, ...(archive && { archive }) })));
  app.use(pkiEndpoints(options));
  app.use(
    pagesRouter({
      ...options,
      activity,
      reading: new AuditedReading(audit),
      receipts: { audit, proofs, licences: options.licences },
      webDirectory: join(packageFolder, 'dist/web'),
      verifyLicence: (principal, text) => options.licenceVerifier.verify(principal, text),
    }),
  );
  app.use(() => {
    throw new TrustError('not-found', 'there is nothing here');
  });
  app.use(problemPages({ sandbox, log }));
  app.use(problemHandler(log));
  return app;
}

function bindingOf({ identity, maxDocumentBytes, clock, sandbox }: AppOptions) {
  const principalOf: ApiOptions['principalOf'] = (authorization, context, sent) =>
    identity.accessTokens.principalOf(authorization, context, sent);
  const deedProof = () => ({ now: clock.now(), passkey: !sandbox });
  return { principalOf, bind: binder({ principalOf, maxDocumentBytes, deedProof }) };
}

interface ApiParts {
  readonly bind: ReturnType<typeof binder>;
  readonly proofs: AuditProofs;
  readonly activity: Activity;
}

function api(options: AppOptions, { bind, proofs, activity }: ApiParts) {
  const { identity, audit } = options;
  return apiRouter([
    ...sealHandlers(bind, options),
    ...digestStampingHandlers(bind, options.digestStamping),
    ...sealLifeHandlers(bind, options),
    ...sealUseHandlers(bind, options),
    ...sealStatusHandlers(bind, options),
    ...stampingBatchHandlers(bind, options),
    ...licenceHandlers(bind, options),
    ...verificationHandlers(bind, options),
    ...alertHandlers(bind, options.alerting),
    ...auditHandlers(bind, { audit, proofs, licences: options.licences, counts: options.counts, clock: options.clock }),
    ...activityHandlers(bind, activity),
    ...authorityHandlers(bind, options),
    ...anchorHandlers(bind, options.authority.foreignAnchors),
    ...mandateHandlers(bind, identity),
    ...clientHandlers(bind, options.administration.clients),
    ...registrationTokenHandlers(bind, options.administration.registrationTokens),
    ...accountOfficeHandlers(bind, options.administration),
    ...signInReceiptHandlers(bind, options.administration.receipts),
  ]);
}
