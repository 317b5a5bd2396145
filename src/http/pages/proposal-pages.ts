// The page of deeds that two administrators do together (双人办理), and the form that proposes other rights for a business system.

import type { ClientRecord } from '../../identity/clients/client-record.ts';
import { type ClientDeed, type IdentityDeed, isClientDeed } from '../../identity/administration/identity-deed.ts';
import type { IdentityProposal } from '../../identity/administration/two-person.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { scopes } from '../../kernel/principal.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { timeText } from '../../kernel/words/time.ts';
import { choiceField, faultSummary, textField } from './admin-form.ts';
import { clientsPath, floorWords, nameOf, scopeBoxes } from './client-pages.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { apiScopeText } from './sign-in-text.ts';
import { pathWith } from './span-form.ts';
import { adminAccountsText as text } from './text/admin-accounts.ts';
import type { Visit } from './visit.ts';

export const proposalsPath = '/admin/proposals';

export interface ProposalListPage {
  readonly frame: Visit['frame'];
  /** The account that looks. */
  readonly reader: string | undefined;
  readonly items: readonly IdentityProposal[];
  readonly nextCursor: string | null;
  readonly fault?: TrustError | undefined;
}

export function proposalListPage({ frame, reader, items, nextCursor, fault }: ProposalListPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: text.proposals[language],
    door: 'admin',
    languagePath: proposalsPath,
    body: html`<h1>${text.proposals[language]}</h1>
<p class="lead">${text.proposalsLead[language]}</p>
${faultSummary(fault, language)}${items.length === 0 && html`<p class="notice" role="status">${text.noProposals[language]}</p>`}
${items.map((proposal) => card(proposal, reader, language))}
${nextCursor !== null && html`<p class="actions"><a class="button button-plain" href="${pathWith(proposalsPath, { cursor: nextCursor })}">${text.more[language]}</a></p>`}
<p><a class="back" href="/admin">← ${text.admin[language]}</a></p>`,
  });
}

function card(proposal: IdentityProposal, reader: string | undefined, language: Language): SafeHtml {
  const { proposalId, deed, reason, state, proposedBy, proposedAt } = proposal;
  const iso = proposedAt.toISOString();
  const isOwn = proposedBy === reader;
  return html`<section class="card" aria-labelledby="${proposalId}"><h2 id="${proposalId}">${deedWords[deed.kind][language]}</h2>
<dl class="facts">${details(deed, language)}
<dt>${text.reason[language]}</dt><dd>${reason}</dd>
<dt>${text.by1[language]}</dt><dd><code>${proposedBy}</code> <time datetime="${iso}">${timeText(iso, language)}</time></dd>
<dt>${text.state[language]}</dt><dd>${text[state][language]}</dd></dl>
${state === 'open' && html`<div class="actions">${!isOwn && button(proposalId, 'approve', text.approve, language)}${button(proposalId, 'reject', isOwn ? text.takeBack : text.reject, language)}</div>`}</section>
`;
}

function button(proposalId: string, decision: 'approve' | 'reject', label: Words, language: Language): SafeHtml {
  const look = decision === 'approve' ? 'button' : 'button button-plain';
  return html`<form method="post" action="${proposalsPath}/${proposalId}/${decision}"><button class="${look}" type="submit">${label[language]}</button></form>`;
}

/** The approver reads in full what is approved: names, numbers, addresses, keys. */
function details(deed: IdentityDeed, language: Language): SafeHtml {
  if (isClientDeed(deed))
    return html`<dt>${text.client[language]}</dt><dd><a href="${clientsPath}/${deed.clientId}"><code>${deed.clientId}</code></a></dd>${clientDetails(deed, language)}
<dt>${text.revision[language]}</dt><dd>${deed.revision ?? '–'}</dd>`;
  const account = html`<dt>${text.account[language]}</dt><dd><a href="/admin/accounts/${deed.accountId}"><code>${deed.accountId}</code></a></dd>`;
  if (deed.kind !== 'person.correct') return account;
  return html`${account}<dt>${text.name[language]}</dt><dd>${deed.name}</dd><dt>${text.number[language]}</dt><dd><code>${deed.idNumber}</code></dd>`;
}

function clientDetails(deed: ClientDeed, language: Language): HtmlValue {
  switch (deed.kind) {
    case 'client.rights':
      return html`<dt>${text.rights[language]}</dt><dd><code>${deed.apiScopes.join(' ')}</code> · ${floorWords(deed.levelFloor)[language]}</dd>`;
    case 'client.change':
      return html`${Object.entries(deed.change).map(([name, value]) => html`<dt><code>${name}</code></dt><dd><code>${JSON.stringify(value)}</code></dd>\n`)}`;
    default:
      return undefined;
  }
}

const deedWords: Readonly<Record<IdentityDeed['kind'], Words>> = {
  'client.rights': text.rights,
  'client.change': text.changeClient,
  'client.secret': text.newSecret,
  'client.resume': text.resumeClient,
  'administrator.give': text.giveAdministrator,
  'administrator.take': text.takeAdministrator,
  'administrator.suspend': text.suspendAdministrator,
  'administrator.resume': text.resumeAdministrator,
  'person.correct': text.correct,
  'person.erase': text.erase,
};

export interface RightsPage {
  readonly frame: Visit['frame'];
  readonly client: ClientRecord;
  readonly fault?: TrustError | undefined;
}

export function rightsPage({ frame, client, fault }: RightsPage): SafeHtml {
  const { language } = frame;
  const path = `${clientsPath}/${client.clientId}`;
  const floors = [0, 1, 2, 3, 4, 5].map((level) => [String(level), floorWords(level)] as const);
  const level = { name: 'levelFloor', label: text.level, language, value: String(client.levelFloor ?? 0) };
  return layout({
    ...frame,
    title: `${text.rights[language]} · ${nameOf(client, language)}`,
    door: 'admin',
    languagePath: `${path}/rights`,
    body: html`<div class="narrow"><h1>${text.rights[language]}</h1><p class="lead">${nameOf(client, language)}</p>
${faultSummary(fault, language)}<form class="card" method="post" action="${path}/rights">
<input type="hidden" name="revision" value="${client.revision}">
${scopeBoxes(
  scopes.map((scope) => [scope, apiScopeText[scope]]),
  client.apiScopes,
  language,
)}
${choiceField({ ...level, choices: floors })}
${textField({ name: 'reason', label: text.reason, hint: text.reasonHint, language, required: true, maxLength: 500 })}
<button class="button" type="submit">${text.propose[language]}</button></form>
<p><a class="back" href="${path}">← ${text.back[language]}</a></p></div>`,
  });
}
