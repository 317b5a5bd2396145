// The NIST Public Key Interoperability Test Suite (PKITS 1.0.1, 2011 edition), run against our path validation.
// The cases come with the certificates and CRLs, as files of other people: test/support/shared-data.ts says where they are looked for.

import { moment } from '../../src/kernel/clock.ts';
import { isTrustError } from '../../src/kernel/errors.ts';
import type { Certificate } from '../../src/pki/certificate.ts';
import { parseCertificate } from '../../src/pki/certificate.ts';
import type { Crl } from '../../src/pki/crl.ts';
import { parseCrl } from '../../src/pki/crl.ts';
import { CrlRevocationSource } from '../../src/pki/crl-revocation.ts';
import { validatePath } from '../../src/pki/path.ts';
import { sharedData } from './shared-data.ts';

export interface PkitsCase {
  /** Section and test of the suite; several cases of one test differ in their settings. */
  readonly id: string;
  readonly name: string;
  readonly cert: string;
  readonly other_certs?: readonly string[];
  readonly crls?: readonly string[];
  readonly params?: {
    readonly user_initial_policy_set?: readonly string[];
    readonly initial_explicit_policy?: boolean;
    readonly initial_policy_mapping_inhibit?: boolean;
    readonly initial_any_policy_inhibit?: boolean;
  };
  /** Present: the path must be refused. */
  readonly error?: { readonly msg_regex: string };
}

export interface PkitsOutcome {
  readonly test: PkitsCase;
  readonly accepted: boolean;
  /** Whether that is what the suite demands. */
  readonly right: boolean;
  readonly codes: readonly string[];
}

/** Inside the validity of everything that is to be valid; the suite names no moment. */
const at = moment('2020-06-01T00:00:00Z');
/** Material that a path may be made of. */
export interface PkitsBag {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

export const pkitsIndex = 'pkits/pkits.json';

export function pkitsCases(): PkitsCase[] | undefined {
  const index = sharedData(pkitsIndex);
  return index === undefined ? undefined : (JSON.parse(Buffer.from(index).toString('utf8')) as PkitsCase[]);
}

/**
 * Every case is judged alike: at one moment, from the suite's trust anchor, with its certificates as material and its CRLs as the
 * only word on revocation. Withdrawn algorithms count, because the suite of 2011 tests DSA with SHA-1.
 */
export function runPkitsCase(test: PkitsCase, bag: PkitsBag = bagOf(test)): PkitsOutcome {
  const { user_initial_policy_set: initial, ...flags } = test.params ?? {};
  const anchor = certificate('TrustAnchorRootCertificate.crt');
  const leaf = certificate(test.cert);
  if (anchor === undefined) throw new Error('the trust anchor of the suite cannot be read');
  if (leaf === undefined) return outcomeOf(test, false, ['malformed-certificate']);
  const { trusted, findings } = validatePath({
    leaf,
    intermediates: bag.certificates,
    anchors: [anchor],
    at,
    purpose: 'any',
    revocation: new CrlRevocationSource({ crls: bag.crls, now: at }),
    algorithms: 'withdrawn-too',
    policies: {
      ...(initial === undefined ? {} : { initial }),
      explicit: flags.initial_explicit_policy === true,
      inhibitMapping: flags.initial_policy_mapping_inhibit === true,
      inhibitAny: flags.initial_any_policy_inhibit === true,
    },
  });
  return outcomeOf(
    test,
    trusted,
    findings.map(({ code }) => code),
  );
}

/** Every certificate and every CRL that any case names. */
export function pkitsBag(): PkitsBag {
  const cases = pkitsCases() ?? [];
  const names = (of: (test: PkitsCase) => readonly string[]): string[] => [...new Set(cases.flatMap(of))];
  return {
    certificates: names(({ cert, other_certs: others = [] }) => [cert, ...others]).flatMap(
      (name) => certificate(name) ?? [],
    ),
    crls: names(({ crls = [] }) => ['TrustAnchorRootCRL.crl', ...crls]).flatMap((name) => crl(name) ?? []),
  };
}

function bagOf({ other_certs: others = [], crls = [] }: PkitsCase): PkitsBag {
  return {
    certificates: others.flatMap((name) => certificate(name) ?? []),
    crls: ['TrustAnchorRootCRL.crl', ...crls].flatMap((name) => crl(name) ?? []),
  };
}

function outcomeOf(test: PkitsCase, accepted: boolean, codes: readonly string[]): PkitsOutcome {
  return { test, accepted, right: accepted === (test.error === undefined), codes };
}

export function pkitsFile(folder: 'certs' | 'crls', name: string): Uint8Array {
  const bytes = sharedData(`pkits/${folder}/${name}`);
  if (bytes === undefined) throw new Error(`${folder}/${name} of the suite is missing`);
  return bytes;
}

function certificate(name: string): Certificate | undefined {
  return readOrNothing(() => parseCertificate(pkitsFile('certs', name)));
}

function crl(name: string): Crl | undefined {
  return readOrNothing(() => parseCrl(pkitsFile('crls', name)));
}

/** A file that our strict reading refuses is one that we do not have. */
function readOrNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isTrustError(error, 'malformed-certificate')) throw error;
    return undefined;
  }
}
