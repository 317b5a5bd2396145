// What the audit log says of a changed client: the deed, and before and after as far as it is impersonal.

import type { EventOf } from '../../audit/events.ts';
import { sha256 } from '../../crypto/digest.ts';
import { toHex, utf8 } from '../../kernel/bytes.ts';
import type { ClientRecord } from './client-record.ts';

export interface ClientTold {
  readonly clientId: string;
  readonly before?: PublicPart;
  readonly after?: PublicPart;
  readonly purpose?: string;
}

type PublicPart = Readonly<Record<string, unknown>>;

/** What a registration says beyond nothing, but for who its contacts are. */
export function publicOf({
  contacts: _people,
  secrets: _own,
  createdAt: _at,
  suspended: _state,
  revision: _count,
  registrationTokenId: _origin,
  ...rest
}: ClientRecord): PublicPart {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => !['[]', 'false', '0'].includes(textOf(value))));
}

const maxFactCharacters = 512;

/** JSON in ASCII; what is longer than a fact may be, stands as its digest. */
function factText(value: unknown): string {
  const text = textOf(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length <= maxFactCharacters ? text : `sha256:${toHex(sha256(utf8(text)))}`;
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

export function clientEvent(deed: string, told: ClientTold): EventOf<'client.changed'> {
  const { clientId, purpose } = told;
  return {
    action: 'client.changed',
    outcome: 'done',
    objectId: clientId,
    ...(purpose === undefined ? {} : { purpose }),
    facts: { deed, ...differences(told) },
  };
}

/** By the client itself (RFC 7591, RFC 7592); `token`: the initial access token that it came with. */
export function selfManagedEvent(
  deed: string,
  { token, ...told }: ClientTold & { readonly token?: string },
): EventOf<'client.self-managed'> {
  return {
    action: 'client.self-managed',
    outcome: 'done',
    objectId: told.clientId,
    facts: { deed, ...(token === undefined ? {} : { token }), ...differences(told) },
  };
}

function differences({ before = {}, after = {} }: ClientTold) {
  const changed = Object.keys({ ...before, ...after }).filter((name) => textOf(before[name]) !== textOf(after[name]));
  const only = (all: PublicPart) =>
    Object.fromEntries(changed.flatMap((name) => (name in all ? [[name, all[name]]] : [])));
  if (changed.length === 0) return {};
  return { changed: changed.join(' '), before: factText(only(before)), after: factText(only(after)) };
}
