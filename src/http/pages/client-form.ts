// The form in which a business system is registered and changed, and the order that a posted one says.

import type { ClientOrder } from '../../identity/clients/client-change.ts';
import { clientFaultOf, faultyClient } from '../../identity/clients/client-faults.ts';
import { type ClientKeys, clientKeysFault } from '../../identity/clients/client-keys.ts';
import type { ClientRecord } from '../../identity/clients/client-record.ts';
import { clientAuthMethods, type ClientKind, clientProfiles } from '../../identity/clients/client-registration.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { type RealNameLevel, scopes } from '../../kernel/principal.ts';
import { asObject, objectsAt } from '../../kernel/words/members.ts';
import {
  areaField,
  checkBoxes,
  type Choice,
  choiceField,
  faultSummary,
  type PostedForm,
  textField,
} from './admin-form.ts';
import { clientsPath, floorWords, nameOf, scopeBoxes } from './client-pages.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { apiScopeText } from './sign-in-text.ts';
import type { Language } from '../../kernel/words/language.ts';
import { adminAccountsText } from './text/admin-accounts.ts';
import { clientFaultText } from './text/client-faults.ts';
import { clientsText as text } from './text/clients.ts';
import type { Visit } from './visit.ts';

/** What stands in the fields: of the registration, or as it was just sent. */
export type ClientFields = Readonly<Record<ClientFieldName, string>> & {
  readonly apiScopes: readonly string[];
};

const fieldNames = [
  'clientId',
  'kind',
  'name',
  'nameEn',
  'authMethod',
  'tlsSubjectDn',
  'jwks',
  'profile',
  'redirectUris',
  'postLogoutRedirectUris',
  'backchannelLogoutUri',
  'offlineAccess',
  'introspects',
  'levelFloor',
  'subjectType',
  'ownerOrganisationId',
  'contacts',
] as const;
export type ClientFieldName = (typeof fieldNames)[number];

export interface ClientFormPage {
  readonly frame: Visit['frame'];
  readonly fields: ClientFields;
  /** Absent: a new one is registered. */
  readonly client?: ClientRecord;
  readonly fault?: TrustError | undefined;
}

const kinds: readonly Choice[] = [
  ['confidential', text.confidential],
  ['public', text.public],
  ['system', text.system],
];
const methods: readonly Choice[] = [
  ['client_secret_basic', text.secretBasic],
  ['client_secret_post', text.secretPost],
  ['private_key_jwt', text.privateKey],
  ['tls_client_auth', text.tls],
  ['self_signed_tls_client_auth', text.tlsSelf],
  ['none', text.noProof],
];
const profiles: readonly Choice[] = [
  ['standard', text.standard],
  ['fapi2', text.fapi],
  ['fapi2-message-signing', text.fapiSigned],
];
const subjects: readonly Choice[] = [
  ['public', text.samePublic],
  ['pairwise', text.pairwise],
];
const floors: readonly Choice[] = [0, 1, 2, 3, 4, 5].map((level) => [String(level), floorWords(level)]);

export function clientFormPage({ frame, fields, client, fault }: ClientFormPage): SafeHtml {
  const { language } = frame;
  const title = client === undefined ? text.add[language] : `${text.edit[language]} · ${nameOf(client, language)}`;
  const action = client === undefined ? clientsPath : `${clientsPath}/${client.clientId}`;
  const back = client === undefined ? clientsPath : action;
  const code = fault && clientFaultOf(fault);
  const at = code && clientFaultText[code];
  const one = (name: ClientFieldName) => ({
    name,
    language,
    value: fields[name],
    fault: at?.field === name ? at.words : undefined,
  });
  return layout({
    ...frame,
    title,
    door: 'admin',
    languagePath: client === undefined ? `${clientsPath}/new` : `${action}/edit`,
    body: html`<div class="narrow"><h1>${title}</h1>
${faultSummary(fault, language, at)}<form class="card" method="post" action="${action}">
${
  client === undefined
    ? html`${textField({ ...one('clientId'), label: text.clientId, hint: text.clientIdHint, required: true, maxLength: 64 })}${choiceField({ ...one('kind'), label: text.kind, choices: kinds })}`
    : html`<input type="hidden" name="revision" value="${client.revision}">`
}
${textField({ ...one('name'), label: text.name, required: true })}
${textField({ ...one('nameEn'), label: text.nameEn, required: true })}
${choiceField({ ...one('authMethod'), label: text.authMethod, choices: methods })}
${areaField({ ...one('jwks'), label: text.keys, hint: text.keysHint })}
${textField({ ...one('tlsSubjectDn'), label: text.tlsSubjectDn, maxLength: 512 })}
${choiceField({ ...one('profile'), label: text.profile, choices: profiles })}
${areaField({ ...one('redirectUris'), label: text.redirectUris, hint: text.oneALine })}
${areaField({ ...one('postLogoutRedirectUris'), label: text.logoutUris, hint: text.oneALine })}
${textField({ ...one('backchannelLogoutUri'), label: text.backchannel, maxLength: 2000 })}
${scopeBoxes(
  scopes.map((scope) => [scope, apiScopeText[scope]]),
  fields.apiScopes,
  language,
)}
${checkBoxes({ name: 'offlineAccess', label: text.offline, language, choices: [['yes', text.offline]], values: [fields.offlineAccess] })}
${checkBoxes({ name: 'introspects', label: text.introspects, language, choices: [['yes', text.introspectsChoice]], values: [fields.introspects] })}
${choiceField({ ...one('levelFloor'), label: text.levelFloor, hint: text.levelFloorHint, choices: floors })}
${choiceField({ ...one('subjectType'), label: text.subjectType, choices: subjects })}
${textField({ ...one('ownerOrganisationId'), label: text.owner, hint: text.ownerHint, maxLength: 40 })}
${areaField({ ...one('contacts'), label: text.contacts, hint: text.contactsHint })}
${fault?.code === 'approval-required' && client !== undefined && proposalPart(language)}
<button class="button" type="submit">${text.save[language]}</button>
</form>
<p><a class="back" href="${back}">← ${text.back[language]}</a></p></div>`,
  });
}

/** What one may not do alone is proposed with what was typed. */
function proposalPart(language: Language): SafeHtml {
  return html`${textField({ name: 'why', label: text.reason, language, maxLength: 500 })}
<button class="button button-plain" type="submit" name="propose" value="yes">${adminAccountsText.propose[language]}</button>
`;
}

export function fieldsOf(client: ClientRecord | undefined): ClientFields {
  return {
    clientId: client?.clientId ?? '',
    kind: client?.kind ?? 'confidential',
    name: client?.name ?? '',
    nameEn: client?.nameEn ?? '',
    authMethod: client?.authMethod ?? 'client_secret_basic',
    tlsSubjectDn: client?.tlsSubjectDn ?? '',
    jwks: client?.jwks === undefined ? '' : JSON.stringify(client.jwks, undefined, 1),
    profile: client?.profile ?? 'standard',
    redirectUris: (client?.redirectUris ?? []).join('\n'),
    postLogoutRedirectUris: (client?.postLogoutRedirectUris ?? []).join('\n'),
    backchannelLogoutUri: client?.backchannelLogoutUri ?? '',
    offlineAccess: client?.offlineAccess === true ? 'yes' : '',
    introspects: client?.introspects === true ? 'yes' : '',
    levelFloor: String(client?.levelFloor ?? 0),
    subjectType: client?.subjectType ?? 'public',
    ownerOrganisationId: client?.ownerOrganisationId ?? '',
    contacts: (client?.contacts ?? []).join('\n'),
    apiScopes: client?.apiScopes ?? [],
  };
}

export function fieldsIn(form: PostedForm): ClientFields {
  const values = fieldNames.map((name) => [name, form.text(name)] as const);
  return { ...fieldsOf(undefined), ...Object.fromEntries(values), apiScopes: form.all('apiScopes') };
}

/** What the form orders, whole: empty fields are `undefined`. Throws `malformed-request` for keys that cannot be read. */
export function orderIn(form: PostedForm) {
  const chosen = new Set(form.all('apiScopes'));
  return {
    name: form.text('name'),
    nameEn: form.text('nameEn'),
    authMethod: clientAuthMethods.find((method) => method === form.text('authMethod')) ?? 'client_secret_basic',
    jwks: keysIn(form.given('jwks')),
    tlsSubjectDn: form.given('tlsSubjectDn'),
    profile: clientProfiles.find((profile) => profile === form.text('profile')) ?? 'standard',
    redirectUris: form.lines('redirectUris'),
    postLogoutRedirectUris: form.lines('postLogoutRedirectUris'),
    backchannelLogoutUri: form.given('backchannelLogoutUri'),
    apiScopes: scopes.filter((scope) => chosen.has(scope)),
    offlineAccess: form.text('offlineAccess') === 'yes',
    introspects: form.text('introspects') === 'yes',
    levelFloor: levels.find((level) => String(level) === form.text('levelFloor')) ?? 0,
    subjectType: form.text('subjectType') === 'pairwise' ? ('pairwise' as const) : ('public' as const),
    ownerOrganisationId: form.given('ownerOrganisationId'),
    contacts: form.lines('contacts'),
  } satisfies { [K in keyof ClientOrder]?: ClientOrder[K] | undefined };
}

export const levels: readonly RealNameLevel[] = [0, 1, 2, 3, 4, 5];

export function kindIn(form: PostedForm): ClientKind {
  const kind = form.text('kind');
  return kind === 'system' || kind === 'public' ? kind : 'confidential';
}

function keysIn(text: string | undefined): ClientKeys | undefined {
  if (text === undefined) return undefined;
  const keys = objectsAt(asObject(jsonOf(text)), 'keys');
  const known = keys?.map((key) => Object.fromEntries(Object.entries(key)) as unknown as ClientKeys['keys'][number]);
  const fault = known === undefined ? 'keys-unreadable' : clientKeysFault({ keys: known }, { withCertificates: false });
  if (known === undefined || fault !== undefined) throw faultyClient(fault ?? 'keys-unreadable');
  return { keys: known };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
