// What an empty signature field demands of whoever signs it: its seed values (ISO 32000-2, table 237) and its certificate seeds (table 238).

import type { PdfFile } from './file.ts';
import { PdfArray, PdfDict, PdfName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { textOf } from './text.ts';

/** How a signature is going to be made. */
export interface SigningManner {
  readonly subFilter: string;
  /** Spelled as in /DigestMethod. */
  readonly digestMethod: string;
  readonly reason: string | undefined;
  readonly timestamped: boolean;
  /** Its level, when the signature certifies the document. */
  readonly certifies?: 1 | 2 | 3;
}

const filter = 'Adobe.PPKLite';
/** The highest version of seed values that is understood (table 237, V). */
const parserVersion = 3;

/** Flags of table 237; of those not named here a demand cannot be judged. */
const flags = { filter: 1, subFilter: 2, version: 4, reasons: 8, attestation: 16, revocation: 32, digestMethod: 64 };
const lockDocument = 128;
const appearanceFilter = 256;
const known = Object.values(flags).reduce((sum, flag) => sum | flag, lockDocument | appearanceFilter);

/** Answers the first entry that is required and not met, by its name in the dictionary; `undefined` when all are. */
export function unmetSeedValue(file: PdfFile, field: PdfDict, manner: SigningManner): string | undefined {
  const seeds = file.dict(field, 'SV');
  if (seeds === undefined) return undefined;
  const given = file.get(seeds, 'Ff');
  const required = typeof given === 'number' && Number.isInteger(given) ? given : 0;
  const demands = (flag: number, key: string): boolean => (required & flag) !== 0 && file.get(seeds, key) !== null;
  const names = (key: string) => textsOf(file, file.get(seeds, key));
  const version = file.get(seeds, 'V');
  if ((required & ~known) !== 0) return 'Ff';
  if (demands(flags.filter, 'Filter') && !names('Filter').includes(filter)) return 'Filter';
  if (demands(flags.subFilter, 'SubFilter') && !names('SubFilter').includes(manner.subFilter)) return 'SubFilter';
  if (demands(flags.version, 'V') && !(typeof version === 'number' && version <= parserVersion)) return 'V';
  if (demands(flags.digestMethod, 'DigestMethod') && !names('DigestMethod').includes(manner.digestMethod))
    return 'DigestMethod';
  // A required list of none, or of a full stop alone, means that no reason may be given.
  if ((required & flags.reasons) !== 0 && !reasonAllowed(names('Reasons'), manner.reason)) return 'Reasons';
  if (demands(flags.attestation, 'LegalAttestation')) return 'LegalAttestation';
  if (demands(flags.revocation, 'AddRevInfo') && file.get(seeds, 'AddRevInfo') === true) return 'AddRevInfo';
  if (demands(lockDocument, 'LockDocument') && !isNameOf(file.get(seeds, 'LockDocument'), 'false', 'auto'))
    return 'LockDocument';
  if (demands(appearanceFilter, 'AppearanceFilter')) return 'AppearanceFilter';
  return unmetWithoutFlag(file, seeds, manner);
}

/** MDP binds without a flag; the time stamp and the certificate have flags of their own. */
function unmetWithoutFlag(file: PdfFile, seeds: PdfDict, manner: SigningManner): string | undefined {
  const mdp = file.dict(seeds, 'MDP');
  if (mdp !== undefined && file.get(mdp, 'P') !== (manner.certifies ?? 0)) return 'MDP';
  const timestamp = file.dict(seeds, 'TimeStamp');
  if (timestamp !== undefined && isRequired(file, timestamp) && !manner.timestamped) return 'TimeStamp';
  const certificate = file.dict(seeds, 'Cert');
  return certificate !== undefined && isRequired(file, certificate) ? 'Cert' : undefined;
}

function isRequired(file: PdfFile, seeds: PdfDict): boolean {
  const given = file.get(seeds, 'Ff');
  return typeof given === 'number' && given !== 0;
}

function reasonAllowed(reasons: readonly string[], reason: string | undefined): boolean {
  const none = reasons.length === 0 || (reasons.length === 1 && reasons[0] === '.');
  return none ? reason === undefined : reason !== undefined && reasons.includes(reason);
}

function textsOf(file: PdfFile, object: PdfObject): string[] {
  const items = object instanceof PdfArray ? object.items.map((item) => file.resolve(item)) : [object];
  return items.flatMap((item) => (item instanceof PdfName ? item.value : (textOf(item) ?? [])));
}

function isNameOf(object: PdfObject, ...values: string[]): boolean {
  return object === false || (object instanceof PdfName && values.includes(object.value));
}
