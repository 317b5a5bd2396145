// The closed list of deeds in the audit log (审计日志): for each its number, outcomes, kind of object, and the facts it may state in public.

/**
 * `intended` is committed before an act that cannot be undone (a key that signs); `done`, `failed` or `voided` follow it.
 * Acts that are their own transaction have `done` or `failed` only. Their places in this list stand in the index columns.
 */
export const auditOutcomes = ['intended', 'done', 'failed', 'voided'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** `?` is not needed: no fact is obligatory, because a deed that fails early knows few. `text` is short printable ASCII. */
export type FactType = 'text' | 'number' | 'flag';

/**
 * What an object is called, and who may read the name. `public` names stand in the leaf. `personal` ones belong to a person and are
 * sealed. `owned` ones are public when the caller is a system or acts for an organisation, and sealed when it is a private person.
 */
export const objectKinds = {
  account: { prefix: 'acc_', is: 'personal' },
  mandate: { prefix: 'man_', is: 'personal' },
  licence: { prefix: 'lic_', is: 'personal' },
  presentation: { prefix: 'prs_', is: 'personal' },
  document: { prefix: 'doc_', is: 'owned' },
  stamping: { prefix: 'stp_', is: 'owned' },
  stampingRequest: { prefix: 'srq_', is: 'owned' },
  batch: { prefix: 'bat_', is: 'owned' },
  digestStamping: { prefix: 'dst_', is: 'owned' },
  organisation: { prefix: 'org_', is: 'public' },
  certificate: { prefix: 'crt_', is: 'public' },
  proposal: { prefix: 'prp_', is: 'public' },
  seal: { prefix: 'seal_', is: 'public' },
  verification: { prefix: 'ver_', is: 'public' },
  entry: { prefix: 'ent_', is: 'public' },
  /** A name or number that the deployment gave: of a key, an authority, a client, a licence type, a list. */
  name: { prefix: '', is: 'public' },
} as const satisfies Readonly<Record<string, { prefix: string; is: 'public' | 'owned' | 'personal' }>>;
export type ObjectKind = keyof typeof objectKinds;

export interface EventSchema {
  /** Stands in the index column instead of the name; never changed, never reused. */
  readonly no: number;
  readonly outcomes: readonly AuditOutcome[];
  readonly object: readonly ObjectKind[];
  /** `with-object`: as public as the object is; `sealed`: of something that a private person may have brought. */
  readonly objectSha256: 'none' | 'with-object' | 'sealed';
  readonly facts: Readonly<Record<string, FactType>>;
  /** Names of sealed members. */
  readonly personal: readonly string[];
}

const keyFacts = { keyName: 'text', purpose: 'text', algorithm: 'text', deed: 'text', state: 'text' } as const;
const done = ['done'] as const;
const each = ['intended', 'done', 'failed', 'voided'] as const;
const plain = { object: [], objectSha256: 'none', facts: {}, personal: [] } as const;

/**
 * Raised with every release that changes the table below, so that a reader of an old leaf can tell by which table it was written.
 * Actions are never renamed, their numbers never reused, facts never change their type.
 */
export const eventsVersion = 2;

export const eventSchemas = {
  'key.created': { ...plain, no: 1, outcomes: ['intended', 'done', 'failed'], object: ['name'], facts: keyFacts },
  'key.opened': { ...plain, no: 2, outcomes: done, object: ['name'], facts: keyFacts },
  'key.state-changed': { ...plain, no: 3, outcomes: ['intended', 'done', 'failed'], object: ['name'], facts: keyFacts },
  'certificate.issued': {
    ...plain,
    no: 4,
    outcomes: each,
    object: ['certificate'],
    objectSha256: 'with-object',
    facts: { profile: 'text', issuer: 'text', serial: 'text', keyName: 'text' },
  },
  'certificate.revoked': { ...plain, no: 5, outcomes: done, facts: { serial: 'text', reason: 'text' } },
  'certificate.suspended': { ...plain, no: 6, outcomes: done, facts: { serial: 'text' } },
  'certificate.resumed': { ...plain, no: 7, outcomes: done, facts: { serial: 'text' } },
  'authority.deed-proposed': {
    ...plain,
    no: 8,
    outcomes: done,
    object: ['proposal'],
    objectSha256: 'with-object',
    facts: { kind: 'text', serial: 'text' },
  },
  'authority.deed-decided': {
    ...plain,
    no: 9,
    outcomes: each,
    object: ['proposal'],
    objectSha256: 'with-object',
    facts: { result: 'text' },
  },
  'trust-anchor.added': {
    ...plain,
    no: 35,
    outcomes: done,
    object: ['name'],
    objectSha256: 'with-object',
    facts: { purposes: 'text' },
  },
  'trust-anchor.withdrawn': { ...plain, no: 36, outcomes: done, object: ['name'], objectSha256: 'with-object' },
  'ocsp.answering': {
    ...plain,
    no: 10,
    outcomes: ['intended', 'done'],
    object: ['name'],
    facts: { keyName: 'text', seconds: 'number', answers: 'number' },
  },
  'crl.issued': {
    ...plain,
    no: 11,
    outcomes: each,
    object: ['name'],
    objectSha256: 'with-object',
    facts: { keyName: 'text', revoked: 'number', full: 'flag', delta: 'flag' },
  },
  'time-stamp.issued': {
    ...plain,
    no: 12,
    outcomes: ['intended', 'done'],
    object: ['name'],
    objectSha256: 'sealed', // anyone may have sent it
    facts: { keyName: 'text' },
  },
  'sign-in': {
    ...plain,
    no: 13,
    outcomes: ['done', 'failed'],
    facts: { client: 'text', level: 'number', amr: 'text', satisfied: 'flag' },
    // People type their password into the wrong field: only a keyed hash of a name that nobody has is kept.
    personal: ['nameHash'],
  },
  'sign-out': { ...plain, no: 14, outcomes: done, facts: { client: 'text' } },
  // `how`: by the person, everywhere at once, or by the service (suspension, lowered level).
  'session.ended': { ...plain, no: 63, outcomes: done, facts: { how: 'text', sessions: 'number' } },
  'logout.undelivered': {
    ...plain,
    no: 64,
    outcomes: ['failed'],
    facts: { client: 'text', attempts: 'number', status: 'number', fault: 'text' },
  },
  consent: {
    ...plain,
    no: 15,
    outcomes: ['done', 'failed'],
    facts: { client: 'text', scope: 'text', claims: 'text', asked: 'flag' },
  },
  /** Of all that the person had agreed to there. */
  'consent.withdrawn': { ...plain, no: 77, outcomes: done, facts: { client: 'text' } },
  'token.issued': {
    ...plain,
    no: 16,
    outcomes: done,
    facts: {
      client: 'text',
      grant: 'text',
      scope: 'text',
      level: 'number',
      keyName: 'text',
      idTokenKeyName: 'text',
      audience: 'text',
      actors: 'text',
    },
  },
  'token.refused': { ...plain, no: 17, outcomes: ['failed'], facts: { client: 'text', grant: 'text', error: 'text' } },
  'authorization.answered': { ...plain, no: 60, outcomes: done, facts: { client: 'text', keyName: 'text' } },
  'token.revoked': { ...plain, no: 18, outcomes: done, facts: { client: 'text' } },
  'account.created': {
    ...plain,
    no: 19,
    outcomes: done,
    object: ['account'],
    facts: { level: 'number', roles: 'text' },
    personal: ['loginName', 'name'],
  },
  'account.closed': { ...plain, no: 78, outcomes: done, object: ['account'], facts: { sessions: 'number' } },
  /** `how`: the other proof beside the telephone. */
  'account.recovered': {
    ...plain,
    no: 79,
    outcomes: done,
    object: ['account'],
    facts: { how: 'text', counts: 'flag' },
  },
  'organisation.created': { ...plain, no: 20, outcomes: done, object: ['organisation'], facts: { uscc: 'text' } },
  'upstream.linked': { ...plain, no: 95, outcomes: done, object: ['account'], facts: { upstream: 'text' } },
  'upstream.unlinked': { ...plain, no: 96, outcomes: done, object: ['account'], facts: { upstream: 'text' } },
  'mandate.granted': {
    ...plain,
    no: 21,
    outcomes: done,
    object: ['mandate'],
    facts: { organisation: 'text', validUntil: 'text', scope: 'text', maxUses: 'number' },
  },
  // `to`: accepted, declined, term (another end), ended; `cause`: how it ended.
  'mandate.changed': {
    ...plain,
    no: 85,
    outcomes: done,
    object: ['mandate'],
    facts: { organisation: 'text', to: 'text', cause: 'text', validUntil: 'text' },
  },
  // `intended`: the register proved somebody, and the former one or two administrators are to decide.
  'representative.changed': {
    ...plain,
    no: 86,
    outcomes: ['intended', 'done', 'failed'],
    object: ['mandate'],
    facts: { organisation: 'text', how: 'text', source: 'text' },
  },
  'organisation.status-changed': {
    ...plain,
    no: 87,
    outcomes: done,
    object: ['organisation'],
    facts: { from: 'text', to: 'text' },
  },
  /** For whom somebody acts from now on; without an organisation: for themselves. */
  'party.chosen': { ...plain, no: 88, outcomes: done, facts: { organisation: 'text', client: 'text' } },
  'seal.made': {
    ...plain,
    no: 22,
    outcomes: each,
    object: ['seal'],
    objectSha256: 'with-object',
    facts: { sealCode: 'text', type: 'text', keyName: 'text', sealKeyName: 'text' },
  },
  'seal.status-changed': {
    ...plain,
    no: 23,
    outcomes: done,
    object: ['seal'],
    facts: { from: 'text', to: 'text', deed: 'text', invalidType: 'number', reference: 'text' },
  },
  /** A picture was brought for a seal that is applied for, or taken away. */
  'seal.picture': {
    ...plain,
    no: 134,
    outcomes: done,
    object: ['seal'],
    objectSha256: 'with-object',
    facts: { deed: 'text' },
  },
  /** A business system may use the seal from now on, or no longer. */
  'seal.system-grant': { ...plain, no: 115, outcomes: done, object: ['seal'], facts: { client: 'text', deed: 'text' } },
  /** `intended`: proposed; `done`: approved and done in the same transaction; `voided`: refused or taken back. */
  'seal.two-person': {
    ...plain,
    no: 114,
    outcomes: each,
    object: ['proposal'],
    facts: { deed: 'text', sealId: 'text', invalidType: 'number' },
  },
  /** A digest whose document stayed elsewhere: `objectSha256` is what was, or was to be, signed. */
  'seal.remote-signature': {
    ...plain,
    no: 131,
    outcomes: each,
    object: ['seal'],
    objectSha256: 'with-object',
    facts: { sealId: 'text', keyName: 'text', digestAlgorithm: 'text', policyVersion: 'number', reason: 'text' },
  },
  'document.uploaded': {
    ...plain,
    no: 24,
    outcomes: done,
    object: ['document'],
    objectSha256: 'with-object',
    facts: { sizeBytes: 'number', pageCount: 'number' },
  },
  'archive.renewed': {
    ...plain,
    no: 119,
    outcomes: each,
    object: ['document'],
    objectSha256: 'with-object',
    facts: { renewedAs: 'text', holdsUntil: 'text' },
  },
  'document.downloaded': {
    ...plain,
    no: 25,
    outcomes: done,
    object: ['document'],
    objectSha256: 'with-object',
  },
  stamping: {
    ...plain,
    no: 26,
    outcomes: each,
    object: ['stamping', 'seal'], // a use that was refused before it became a stamping names the seal
    objectSha256: 'with-object',
    facts: {
      sealId: 'text',
      documentId: 'text',
      policy: 'text',
      level: 'text',
      keyName: 'text',
      attempt: 'number',
      documentClass: 'text',
      policyVersion: 'number',
      requestId: 'text',
      approvals: 'number',
      reason: 'text',
    },
  },
  /** The rules by which a seal may be used changed (用印规则). */
  'seal.use-policy': {
    ...plain,
    no: 122,
    outcomes: done,
    object: ['seal'],
    facts: { version: 'number', approvers: 'number' },
  },
  /** `intended`: asked for; `done`: somebody approved; `failed`: an approval was refused; `voided`: refused or withdrawn (`deed`). */
  'stamping.request': {
    ...plain,
    no: 123,
    outcomes: each,
    object: ['stampingRequest'],
    objectSha256: 'with-object',
    facts: { deed: 'text', sealId: 'text', approvals: 'number', policyVersion: 'number' },
  },
  /** Many documents under one order; each of its stampings has entries of its own. */
  'stamping-batch.ordered': {
    ...plain,
    no: 128,
    outcomes: done,
    object: ['batch'],
    facts: { sealId: 'text', policy: 'text', level: 'text', documents: 'number' },
  },
  /** `deed`: cancel, or retry; `documents`: those that it concerned. */
  'stamping-batch.changed': {
    ...plain,
    no: 129,
    outcomes: done,
    object: ['batch'],
    facts: { deed: 'text', documents: 'number' },
  },
  'stamping-batch.ended': {
    ...plain,
    no: 130,
    outcomes: done,
    object: ['batch'],
    facts: { sealId: 'text', stamped: 'number', failed: 'number', cancelled: 'number' },
  },
  /** A digest of a document that stays with its business system was signed: `objectSha256` is of the document as it says, then of the value. */
  'digest-stamping': {
    ...plain,
    no: 116,
    outcomes: each,
    object: ['digestStamping', 'seal'],
    objectSha256: 'with-object',
    facts: {
      sealId: 'text',
      policy: 'text',
      level: 'text',
      keyName: 'text',
      mediaType: 'text',
      sizeBytes: 'number',
      signedDigest: 'text',
      path: 'text',
      documentClass: 'text',
      policyVersion: 'number',
      reason: 'text',
    },
  },
  'licence-type.published': {
    ...plain,
    no: 27,
    outcomes: done,
    object: ['name'],
    objectSha256: 'with-object',
    facts: { version: 'number', catalogueNumber: 'number' },
  },
  'licence.issued': {
    ...plain,
    no: 28,
    outcomes: each,
    object: ['licence'],
    objectSha256: 'with-object',
    facts: { typeCode: 'text', issuerCode: 'text', keyName: 'text', from: 'text', to: 'text' },
  },
  'licence.status-changed': {
    ...plain,
    no: 29,
    outcomes: done,
    object: ['licence'],
    objectSha256: 'with-object',
    facts: { from: 'text', to: 'text', keyName: 'text' },
  },
  'licence.shown': { ...plain, no: 30, outcomes: done, object: ['licence'], facts: { form: 'text', typeCode: 'text' } },
  'document.verified': {
    ...plain,
    no: 31,
    outcomes: done,
    object: ['verification'],
    objectSha256: 'sealed',
    facts: { indication: 'text', subIndication: 'text', signatures: 'number' },
  },
  'licence.verified': {
    ...plain,
    no: 32,
    outcomes: done,
    object: ['verification'],
    facts: { form: 'text', indication: 'text', typeCode: 'text' },
    personal: ['licence'],
  },
  'configuration.changed': {
    ...plain,
    no: 33,
    outcomes: done,
    object: ['name'],
    objectSha256: 'with-object',
    facts: { what: 'text', client: 'text', kind: 'text', keyName: 'text', types: 'number' },
  },
  'person.erased': { ...plain, no: 34, outcomes: done },
  'evidence.established': {
    ...plain,
    no: 80,
    outcomes: done,
    object: ['account'],
    facts: { level: 'number', method: 'text', source: 'text', to: 'number' },
    personal: ['reference'],
  },
  'evidence.withdrawn': {
    ...plain,
    no: 81,
    outcomes: done,
    object: ['account'],
    facts: { level: 'number', method: 'text', source: 'text', reason: 'text', to: 'number' },
  },
  'evidence.expired': {
    ...plain,
    no: 82,
    outcomes: done,
    object: ['account'],
    facts: { level: 'number', method: 'text', source: 'text', to: 'number' },
  },
  // An outside register was asked about a person; `result` never says which part was wrong.
  'identity.checked': {
    ...plain,
    no: 83,
    outcomes: ['done', 'failed'],
    facts: { kind: 'text', source: 'text', result: 'text' },
    personal: ['reference'],
  },
  'person.changed': {
    ...plain,
    no: 84,
    outcomes: done,
    object: ['account'],
    facts: { from: 'number', to: 'number' },
    personal: ['name'],
  },
  /** `deed`: added, removed, replaced; `counts`: it lends its strength at once (docs/accounts.md). */
  'factor.changed': {
    ...plain,
    no: 70,
    outcomes: done,
    object: ['account'],
    facts: { kind: 'text', deed: 'text', counts: 'flag' },
    personal: ['label'],
  },
  'sms.sent': { ...plain, no: 71, outcomes: done, facts: { purpose: 'text' } },
  'alert.acknowledged': {
    ...plain,
    no: 40,
    outcomes: done,
    object: ['name'],
    facts: { rule: 'text', severity: 'text' },
  },
  // `filters`: names of what was asked by. What was asked is sealed, under the key of each person it was asked about.
  'audit.searched': {
    ...plain,
    no: 50,
    outcomes: done,
    object: ['entry'],
    facts: { filters: 'text', entries: 'number' },
    personal: ['asked'],
  },
  'audit.exported': {
    ...plain,
    no: 51,
    outcomes: ['intended', 'done', 'failed'],
    facts: { filters: 'text', format: 'text', entries: 'number' },
    personal: ['asked'],
  },
  /** The log goes on under a new name; the facts are the last checkpoint that is known outside under the old one. */
  'log.restarted': { ...plain, no: 41, outcomes: done, facts: { origin: 'text', size: 'number', root: 'text' } },
  /** A month went from the database to files: how many entries, the size of the signed tree that covers them, SHA-256 of the manifest. */
  'log.archived': {
    ...plain,
    no: 42,
    outcomes: each,
    object: ['name'],
    facts: { entries: 'number', size: 'number', manifest: 'text' },
  },
  /** Somebody typed the code of a device and agreed, or refused. */
  'device.answered': {
    ...plain,
    no: 66,
    outcomes: ['done', 'failed'],
    facts: { client: 'text', scope: 'text', error: 'text' },
  },
  'approval.asked': {
    ...plain,
    no: 67,
    outcomes: ['done', 'failed'],
    facts: { client: 'text', scope: 'text' },
    personal: ['message'],
  },
  'approval.answered': {
    ...plain,
    no: 68,
    outcomes: ['done', 'failed'],
    facts: { client: 'text', scope: 'text', level: 'number' },
  },
  // What was changed and how is public as far as it is impersonal; why stands in the caller's sealed part.
  'client.changed': {
    ...plain,
    no: 90,
    outcomes: done,
    object: ['name'],
    facts: { deed: 'text', changed: 'text', before: 'text', after: 'text' },
  },
  'account.changed': {
    ...plain,
    no: 91,
    outcomes: done,
    object: ['account'],
    facts: { deed: 'text', role: 'text' },
  },
  /** Somebody looked for accounts, or at one: `by` names the field, never its content. */
  'account.looked-up': {
    ...plain,
    no: 92,
    outcomes: done,
    object: ['account'],
    facts: { by: 'text', found: 'number' },
  },
  /** `intended`: proposed; `done`: approved and done in the same transaction; `voided`: refused or taken back. */
  'identity.two-person': {
    ...plain,
    no: 93,
    outcomes: each,
    object: ['proposal'],
    facts: { kind: 'text', client: 'text' },
  },
  /** What somebody who comes with such a token may register; `uses`: allowed, or at its end those that were taken. */
  'registration-token.changed': {
    ...plain,
    no: 98,
    outcomes: done,
    object: ['name'],
    facts: { deed: 'text', uses: 'number', seconds: 'number', scope: 'text', level: 'number', hosts: 'number' },
  },
  /** A system about itself, as `client.changed` has it; `failed`: a network asked too often. */
  'client.self-managed': {
    ...plain,
    no: 99,
    outcomes: ['done', 'failed'],
    object: ['name'],
    facts: { deed: 'text', token: 'text', changed: 'text', before: 'text', after: 'text' },
  },
  'identity-receipt.issued': {
    ...plain,
    no: 94,
    outcomes: ['intended', 'done', 'failed'],
    facts: { client: 'text', level: 'number', keyName: 'text', sm2KeyName: 'text' },
  },
} as const satisfies Readonly<Record<string, EventSchema>>;
