// `yinxin ca anchor …`: authorities of others that verification trusts: listed, and proposed to be added or withdrawn.

import { readFileSync } from 'node:fs';
import type { AuthorityDeed } from '../authority/authority-deed.ts';
import { addAnchorDeed, anchorJson } from '../http/anchor-handlers.ts';
import { TrustError } from '../kernel/errors.ts';
import { house } from '../kernel/principal.ts';
import { anchorPurposes, isAnchorPurpose } from '../pki/trust-anchor.ts';
import type { Services } from '../services.ts';
import { printJson, type Words } from './command.ts';

const usage = `say: ca anchor list | add FILE --for ${anchorPurposes.join(',')} --as LOGIN | withdraw SHA256 --as LOGIN`;

/** The deed that the words ask for; `undefined` when they only asked for the list, which is printed. Throws `malformed-request`. */
export async function anchorDeed({ authority }: Services, words: Words): Promise<AuthorityDeed | undefined> {
  const [, verb, what = '', ...surplus] = words.positionals;
  if (surplus.length > 0) throw new TrustError('malformed-request', usage);
  if (verb === 'list' && what === '') {
    const found = (await authority.foreignAnchors.list(house)).map(anchorJson);
    if (words.options.json === true) printJson(found);
    else for (const anchor of found) print(anchor);
    return undefined;
  }
  if (verb === 'add' && what !== '') {
    const purposes = (words.options.for ?? '').split(',');
    if (!purposes.every(isAnchorPurpose)) throw new TrustError('malformed-request', usage);
    return addAnchorDeed(readFileSync(what), purposes);
  }
  if (verb === 'withdraw' && /^[0-9a-f]{64}$/.test(what)) return { kind: 'withdraw-anchor', sha256: what };
  throw new TrustError('malformed-request', usage);
}

function print({
  sha256,
  purposes,
  subject,
  notAfter,
  source,
  proposedBy,
  approvedBy,
  addedAt,
}: ReturnType<typeof anchorJson>): void {
  console.log(`${sha256}  ${purposes.join(',')}`);
  console.log(`  ${subject['commonName'] ?? subject['organisation'] ?? ''}, until ${notAfter.slice(0, 10)}`);
  const by = `added ${addedAt}, proposed by ${proposedBy}, approved by ${approvedBy}`;
  console.log(`  ${source === 'folder' ? 'from the folder of this machine' : by}`);
}
