// What an OFD signature protects and what of the package it leaves out; GB/T 33190-2016, 18.2.3 (References).

import { setImmediate as othersFirst } from 'node:timers/promises';
import type { DigestName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { finding } from '../kernel/report.ts';
import type { OfdPackage } from '../ofd/package.ts';
import type { OfdSignature } from '../ofd/signatures.ts';
import { digestNamed } from '../seal/ses/digest-name.ts';
import type { Coverage, SignatureReport } from './document-report.ts';
import { failed, open, type Point } from './points.ts';

/** Every file is digested once for all signatures of a package. */
export class PackageDigests {
  readonly #package: OfdPackage;
  readonly #known = new Map<string, Uint8Array | undefined>();

  constructor(from: OfdPackage) {
    this.#package = from;
  }

  /** `undefined` when the data of the file is damaged. */
  async of(file: string, algorithm: DigestName): Promise<Uint8Array | undefined> {
    const key = `${algorithm} ${file}`;
    if (this.#known.has(key)) return this.#known.get(key);
    await othersFirst(); // one file may cost a second of one core
    const made = this.#digest(file, algorithm);
    this.#known.set(key, made);
    return made;
  }

  #digest(file: string, algorithm: DigestName): Uint8Array | undefined {
    try {
      return digest(algorithm, this.#package.content(file));
    } catch (error) {
      if (isTrustError(error, 'malformed-ofd')) return undefined;
      throw error;
    }
  }
}

export interface JudgedReferences {
  readonly intact: boolean;
  /** The files that it says it protects, whether they are right or not. */
  readonly covered: ReadonlySet<string>;
  readonly points: readonly Point[];
}

/** GB/T 33190 lets a signature that says nothing mean MD5, which proves nothing. */
const defaultMethod = 'MD5';
const broken = new Set(['MD5', 'SHA1', 'SHA-1', '1.2.840.113549.2.5', '1.3.14.3.2.26']);

export async function judgeReferences(signature: OfdSignature, digests: PackageDigests): Promise<JudgedReferences> {
  const { checkMethod = defaultMethod, references } = signature;
  const algorithm = digestNamed(checkMethod);
  const covered = new Set(references.flatMap(({ file }) => file ?? []));
  if (references.length === 0) {
    const what = finding('references-missing', 'error', 'it protects no file of the package');
    return { intact: false, covered, points: [failed('FORMAT_FAILURE', what)] };
  }
  if (algorithm === undefined) {
    const code = broken.has(checkMethod.toUpperCase()) ? 'weak-algorithm' : 'algorithm-not-supported';
    const what = finding(code, 'error', `the digest ${checkMethod.slice(0, 60)} is not accepted`);
    return { intact: false, covered, points: [open('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', what)] };
  }
  const missing: string[] = [];
  const changed: string[] = [];
  for (const { file, location, checkValue } of references) {
    if (file === undefined) missing.push(location);
    else if (!(await holds(digests, { file, algorithm, checkValue }))) changed.push(file);
  }
  const points: Point[] = [];
  if (changed.length > 0)
    points.push(failed('HASH_FAILURE', finding('digest-mismatch', 'error', list('changed', changed))));
  if (missing.length > 0)
    points.push(failed('HASH_FAILURE', finding('reference-missing', 'error', list('missing', missing))));
  return { intact: points.length === 0, covered, points };
}

async function holds(
  digests: PackageDigests,
  { file, algorithm, checkValue }: { file: string; algorithm: DigestName; checkValue: Uint8Array | undefined },
): Promise<boolean> {
  if (checkValue === undefined) return false;
  const actual = await digests.of(file, algorithm);
  return actual !== undefined && equalBytes(actual, checkValue);
}

export interface JudgedCoverage {
  readonly coverage: Coverage;
  readonly changes: SignatureReport['changes'];
  readonly points: readonly Point[];
}

/**
 * What of the package a signature need not cover: its own description, value and seal, the list of signatures while others may still
 * sign, and what belongs to other listed signatures. Anything else that it leaves out may have been put there by anybody.
 */
export function judgeCoverage(input: {
  names: readonly string[];
  signature: OfdSignature;
  covered: ReadonlySet<string>;
  /** Files of the other signatures. */
  ofOthers: ReadonlySet<string>;
  /** Seal.esl is the very seal of the signature value. */
  sealIsSigned: boolean;
}): JudgedCoverage {
  const { names, signature, covered, ofOthers, sealIsSigned } = input;
  const { file, valueFile, sealFile, list: signatureList } = signature;
  const own = new Set([file, valueFile, signatureList, ...(sealIsSigned ? [sealFile] : [])]);
  const left = names.filter((name) => !covered.has(name) && !own.has(name));
  const others = left.filter((name) => ofOthers.has(name));
  const strange = left.filter((name) => !ofOthers.has(name));
  const changes = others.map((object) => ({ kind: 'signature', object, detail: 'it belongs to another signature' }));
  const outside = strange.map((object) => ({ kind: 'uncovered', object, detail: 'the signature does not cover it' }));
  if (strange.length === 0) return { coverage: others.length === 0 ? 'whole-file' : 'revision', changes, points: [] };
  const what = finding('package-not-covered', 'warning', list('not covered', strange));
  return {
    coverage: 'partial',
    changes: [...changes, ...outside].slice(0, maxChanges),
    points: [open('SIG_CONSTRAINTS_FAILURE', what)],
  };
}

/** A report is read by people. */
const maxChanges = 200;

function list(what: string, names: readonly string[]): string {
  const [first = '', ...more] = names;
  return `${what}: ${first.slice(0, 200)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}
