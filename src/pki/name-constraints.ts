// Name constraints: in which name spaces an authority may issue; RFC 5280, 4.2.1.10 and 6.1.3 (b), (c).

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import { contextTag, DerCursor, integerOf, oidOf, stringOf, tags } from '../codec/der-value.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { CertificateContent } from './certificate.ts';
import type { GeneralName } from './general-name.ts';
import { readGeneralName } from './general-name.ts';
import { isWithinName } from './name-match.ts';
import { isAddressWithin, isHostWithin, isMailboxWithin, isUriWithin } from './name-subtree.ts';

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
  /** A subtree with a minimum other than 0 or a maximum: RFC 5280 has no use for them and says to refuse. */
  readonly hasDistances: boolean;
}

export type NameProblem = 'name-not-permitted' | 'name-excluded' | 'name-constraints-unsupported';

const maxSubtrees = 2000;
/** Names times subtrees of one path, before the answer is that it cannot be told. */
const maxComparisons = 250_000;
const emailAddress = '1.2.840.113549.1.9.1';
/** RFC 9598: a mailbox with characters beyond ASCII, constrained by rfc822Name; not compared here. */
const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9';

/** NameConstraints ::= SEQUENCE { [0] GeneralSubtrees OPTIONAL, [1] GeneralSubtrees OPTIONAL }, never empty. Throws `malformed-der`. */
export function readNameConstraints(element: DerElement): NameConstraints {
  const cursor = new DerCursor(element, 'NameConstraints');
  const [permitted, excluded] = [0, 1].map((number) => cursor.optional(contextTag(number)));
  cursor.end();
  if (permitted === undefined && excluded === undefined) throw malformed('NameConstraints is empty');
  const subtrees = [permitted, excluded].map((list) => list?.children ?? []);
  if (subtrees.flat().length > maxSubtrees) throw malformed('too many subtrees');
  const [inside = [], outside = []] = subtrees.map((list) => list.map(readSubtree));
  return {
    permitted: inside.map(({ base }) => base),
    excluded: outside.map(({ base }) => base),
    hasDistances: [...inside, ...outside].some(({ hasDistance }) => hasDistance),
  };
}

/** GeneralSubtree ::= SEQUENCE { base, [0] minimum DEFAULT 0, [1] maximum OPTIONAL } */
function readSubtree(element: DerElement): { base: GeneralName; hasDistance: boolean } {
  const cursor = new DerCursor(element, 'GeneralSubtree');
  const base = readGeneralName(cursor.any());
  const minimum = cursor.peekTag() === 0x80 ? cursor.any() : undefined; // written out though it is the default: seen in the wild
  const hasDistance = cursor.peekTag() !== undefined || (minimum !== undefined && integerOf(minimum) !== 0n);
  return { base, hasDistance };
}

/** How many comparisons a path may still cost. */
export interface ComparisonBudget {
  left: number;
}

export function comparisonBudget(): ComparisonBudget {
  return { left: maxComparisons };
}

/** What forbids the names of `subject` under the constraints of one authority above it. */
export function judgeNames(
  subject: CertificateContent,
  { permitted, excluded, hasDistances }: NameConstraints,
  budget: ComparisonBudget,
): NameProblem | undefined {
  if (hasDistances) return 'name-constraints-unsupported';
  for (const name of namesOf(subject)) {
    const sameKind = (base: GeneralName) => base.kind === constraintKind(name);
    const [inside, outside] = [permitted.filter(sameKind), excluded.filter(sameKind)];
    budget.left -= permitted.length + excluded.length;
    if (budget.left < 0) return 'name-constraints-unsupported';
    if (inside.length === 0 && outside.length === 0) continue;
    // One comparison that cannot be made is enough: a constraint of a form we cannot process must refuse (4.2.1.10).
    const excludedBy = outside.map((base) => isWithin(name, base, 'excluded'));
    const permittedBy = inside.map((base) => isWithin(name, base, 'permitted'));
    if ([...excludedBy, ...permittedBy].includes(undefined)) return 'name-constraints-unsupported';
    if (excludedBy.includes(true)) return 'name-excluded';
    if (inside.length > 0 && !permittedBy.includes(true)) return 'name-not-permitted';
  }
  return undefined;
}

function constraintKind(name: GeneralName): GeneralName['kind'] {
  return name.kind === 'otherName' && name.type === smtpUtf8Mailbox ? 'rfc822Name' : name.kind;
}

/** The subject unless empty, the mailboxes in it (4.2.1.10), and the alternative names. */
function namesOf({ subjectDer, subjectAltNames = [] }: CertificateContent): GeneralName[] {
  const rdns = readDer(subjectDer).children;
  const subject: GeneralName[] = rdns.length > 0 ? [{ kind: 'directoryName', name: subjectDer, raw: subjectDer }] : [];
  const mailboxes = rdns.flatMap(({ children }) => children).flatMap(mailboxOf);
  return [...subject, ...mailboxes, ...subjectAltNames];
}

function mailboxOf({ children: [type, value], raw }: DerElement): GeneralName[] {
  if (type === undefined || value === undefined || type.tag !== tags.oid || oidOf(type) !== emailAddress) return [];
  try {
    return [{ kind: 'rfc822Name', text: stringOf(value), raw }];
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    return [{ kind: 'rfc822Name', raw }];
  }
}

/** `undefined` when the two cannot be compared. */
function isWithin(name: GeneralName, base: GeneralName, as: 'permitted' | 'excluded'): boolean | undefined {
  if (name.kind === 'directoryName' && base.kind === 'directoryName') return isWithinName(name.name, base.name);
  if (name.kind === 'iPAddress' && base.kind === 'iPAddress') return isAddressWithin(name.octets, base.octets);
  if (!('text' in name) || !('text' in base) || name.text === undefined || base.text === undefined) return undefined;
  switch (name.kind) {
    case 'dNSName':
      return isHostWithin(name.text, base.text, as);
    case 'rfc822Name':
      return isMailboxWithin(name.text, base.text);
    case 'uniformResourceIdentifier':
      return isUriWithin(name.text, base.text);
  }
}
