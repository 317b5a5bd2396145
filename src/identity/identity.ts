// The identity room as a whole: built once, from what the roof hands in.

import type { Provider } from 'oidc-provider';
import type { OutgoingRules } from '../audit/alerts/outgoing-post.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { house } from '../kernel/principal.ts';
import { AccessTokens } from './tokens/access-tokens.ts';
import { AccountClosing } from './accounts/account-closing.ts';
import { Accounts } from './accounts/accounts.ts';
import { Assurance } from './levels/assurance.ts';
import { CheckLimits } from './levels/check-limits.ts';
import type { ClientCertificates } from './engine/client-certificate.ts';
import { Approvals } from './grants/approvals.ts';
import { Clients } from './clients/clients.ts';
import { Consents } from './accounts/consents.ts';
import { engineNotices } from './engine/engine.ts';
import { Evidence, type LevelLost } from './levels/evidence.ts';
import { FaceChecks } from './levels/face-checks.ts';
import type { BreachedPasswords } from './accounts/breached-passwords.ts';
import { FactorStore } from './factors/factor-store.ts';
import { createFactors, type FactorServices, type SmsOptions } from './factors/create-factors.ts';
import { Housekeeping } from './housekeeping.ts';
import { IdentityChecks } from './levels/identity-checks.ts';
import type { IdentityVerifier } from './levels/identity-verifier.ts';
import { Interactions } from './engine/interactions.ts';
import { OidcStore } from './engine/oidc-store.ts';
import { type MandateOffices, mandateOffices } from './mandates/mandate-offices.ts';
import { choosePartyStep } from './mandates/party-choice.ts';
import type { OrganisationRegister } from './mandates/organisation-register.ts';
import { PasswordHasher } from './accounts/password-hasher.ts';
import { PresentProvider, type RequestHandler } from './engine/present-provider.ts';
import { PollPace } from './grants/poll-pace.ts';
import { createProvider } from './engine/provider.ts';
import type { ProviderPages } from './engine/provider-pages.ts';
import { LogoutCourier } from './sessions/logout-courier.ts';
import { LogoutOutbox } from './sessions/logout-outbox.ts';
import { PasswordChange } from './accounts/password-change.ts';
import { Recovery } from './accounts/recovery.ts';
import { Registration } from './accounts/registration.ts';
import { Sessions } from './sessions/sessions.ts';
import { SenderProofs } from './tokens/sender-proofs.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { inOneRequest } from './engine/request-memory.ts';
import { raiseLevelStep } from './levels/raise-level-step.ts';
import { SignInJourney } from './sign-in/sign-in-journey.ts';
import { SignInLimits } from './sign-in/sign-in-limits.ts';
import { SignInProgress } from './sign-in/sign-in-progress.ts';
import { TokenKeys } from './tokens/signing-keys.ts';
import { SingleUses } from './tokens/single-uses.ts';
import { Subjects } from './tokens/subjects.ts';
import { ArrivalSeal } from './upstream/upstream-arrival.ts';
import { UpstreamLinks } from './upstream/upstream-links.ts';
import { UpstreamSignIn } from './upstream/upstream-sign-in.ts';
import type { UpstreamSource } from './upstream/upstream-source.ts';
import { Upstreams } from './upstream/upstream-strategy.ts';
import { UserCodes } from './grants/user-codes.ts';

export interface IdentityOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly keys: KeyStore;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  /** Origin without a slash at the end; the issuer is this and `/oidc`. */
  readonly publicUrl: string;
  /** Keys of the cookie signatures, the present one first; the same in every process. */
  readonly cookieKeys: readonly string[];
  readonly pages: ProviderPages;
  /** Absent: no TLS proxy says with which certificate a client came, and none is believed. */
  readonly clientCertificates?: ClientCertificates | undefined;
  /** Systems register themselves (src/http/registration-endpoint.ts), and discovery says where. */
  readonly registersClients?: boolean;
  /** Passwords that are refused besides the common ones. */
  readonly breachedPasswords?: BreachedPasswords | undefined;
  /** Absent: no text message leaves. */
  readonly sms?: SmsOptions;
  /** Where relying parties may lie that are told of logouts. */
  readonly logoutRules: OutgoingRules;
  /** Platforms that people may come from. */
  readonly upstreams?: readonly UpstreamSource[];
  /** Absent: nobody outside is asked about people. */
  readonly verifier?: IdentityVerifier;
  /** Absent: nobody outside knows whose an organisation is. */
  readonly organisationRegister?: OrganisationRegister;
  readonly log: Log;
}

export interface Identity extends MandateOffices {
  readonly accounts: Accounts;
  readonly accountClosing: AccountClosing;
  readonly clients: Clients;
  readonly consents: Consents;
  readonly evidence: Evidence;
  readonly identityChecks: IdentityChecks;
  readonly signIn: SignIn;
  readonly factors: FactorServices['factors'];
  readonly smsProofs: FactorServices['smsProofs'];
  readonly registration: Registration;
  readonly passwordChange: PasswordChange;
  readonly recovery: Recovery;
  readonly provider: Provider;
  /** The OIDC engine as a request handler, to be mounted at /oidc. */
  readonly callback: RequestHandler;
  readonly sessions: Sessions;
  readonly approvals: Approvals;
  readonly logoutCourier: LogoutCourier;
  readonly interactions: Interactions;
  readonly upstream: UpstreamSignIn;
  readonly journey: SignInJourney;
  readonly accessTokens: AccessTokens;
  readonly senderProofs: SenderProofs;
  readonly housekeeping: Housekeeping;
}

/** Makes the token keys at first start. Throws what the key store, the database and the audit log throw. */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { database, audit, keys, cipher, clock, publicUrl, log } = options;
  for (const notice of engineNotices) log.info({ notice }, 'the OIDC engine says');
  const hasher = new PasswordHasher({ breached: options.breachedPasswords });
  const accounts = new Accounts({ database, audit, cipher, hasher, clock });
  const offices = mandateOffices({ ...options, accounts });
  const { acting, mandateRegister } = offices;
  const clients = new Clients({ database, audit, cipher, clock, log });
  const limits = new SignInLimits({ database, clock });
  const levelLost: LevelLost = async (tx, { accountId, level }) => {
    await sessions.endAllWithin(tx, accountId, { principal: house, aboveLevel: level });
  };
  const evidence = new Evidence({
    database,
    audit,
    cipher,
    clock,
    levelLost,
    holderShown: (tx, accountId) => new FactorStore({ database, clock }).settle(tx, accountId),
  });
  const assurance = new Assurance({ accounts, evidence, clock });
  const faceChecks = new FaceChecks({ database, cipher, clock });
  const identityChecks = new IdentityChecks({
    accounts,
    evidence,
    limits: new CheckLimits({ database, cipher, clock }),
    faceChecks,
    ...(options.verifier === undefined ? {} : { verifier: options.verifier }),
    audit,
    clock,
  });
  const store = new OidcStore({ database, audit, cipher, clients, clock });
  const outbox = new LogoutOutbox({ database, clock });
  const sessions = new Sessions({ database, audit, cipher, outbox, clock });
  const subjects = new Subjects({ cipher });
  const userCodes = new UserCodes({ database, cipher, clock });
  const pollPace = new PollPace({ database, clock });
  const approvals = new Approvals({
    ...options,
    store,
    present: {
      get provider() {
        return present.provider;
      },
    },
  });
  const [tokenKeys] = await Promise.all([TokenKeys.open(keys, audit), hasher.warmUp()]);
  const senderProofs = new SenderProofs({ ...options, uses: new SingleUses({ database, clock }) });
  const present = await PresentProvider.open({
    tokenKeys,
    make: (signingKeys) =>
      createProvider({
        ...options,
        assurance,
        store,
        sessions,
        clients,
        accounts,
        acting,
        mandateRegister,
        keys: signingKeys,
        tokenKeys,
        subjects,
        userCodes,
        pollPace,
        approvals,
      }),
    log,
  });
  const upstream = new UpstreamSignIn({
    platforms: new Upstreams({ publicUrl, sources: options.upstreams ?? [] }),
    links: new UpstreamLinks({ database, audit, cipher, clock }),
    seal: new ArrivalSeal({ cipher, clock }),
    accounts,
    evidence,
    cipher,
    clock,
  });
  const interactions = new Interactions({ ...options, present, store, sessions, clients });
  const progress = new SignInProgress({ database, clock });
  const { factors, smsProofs, expiring } = createFactors({ ...options, accounts, limits, sms: options.sms });
  const passwordChange = new PasswordChange({ database, audit, hasher, sessions, clock });
  const registration = new Registration({ database, cipher, clock, accounts, factors });
  const logoutCourier = new LogoutCourier({ database, outbox, audit, present, rules: options.logoutRules, clock, log });
  sessions.onNotices(() => logoutCourier.nudge());
  return {
    ...offices,
    accounts,
    accountClosing: new AccountClosing({ database, audit, sessions, clock }),
    clients,
    consents: new Consents({ database, audit, cipher, clock }),
    evidence,
    identityChecks,
    signIn: new SignIn({ accounts, limits, hasher, audit, cipher, clock, log }),
    get provider() {
      return present.provider;
    },
    sessions,
    approvals,
    logoutCourier,
    factors,
    smsProofs,
    registration,
    passwordChange,
    recovery: new Recovery({ accounts, factors, passwordChange, audit, cipher, clock }),
    callback: (request, response) => inOneRequest(() => present.handle(request, response)),
    senderProofs,
    interactions,
    upstream,
    journey: new SignInJourney({
      publicUrl,
      interactions,
      progress,
      accounts,
      factors,
      steps: [upstream.step, raiseLevelStep(identityChecks), choosePartyStep(acting)],
    }),
    accessTokens: new AccessTokens({
      publicUrl,
      keys: tokenKeys,
      clients,
      accounts,
      mandateRegister,
      cipher,
      senderProofs,
      clock,
    }),
    housekeeping: new Housekeeping({
      expiring: [
        store,
        acting,
        registration,
        sessions,
        outbox,
        limits,
        progress,
        ...expiring,
        userCodes,
        pollPace,
        approvals,
        faceChecks,
        { purge: (limit) => evidence.expire(limit) },
      ],
      remembered: clients.secretUses,
      log,
    }),
  };
}
