// The rules of path validation, one function each, over a path whose signatures hold; RFC 5280, 6.1.3 to 6.1.5.

import { purposeOids } from '../codec/oids.ts';
import type { Finding, SubIndication } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { Certificate } from './certificate.ts';
import type { CandidatePath } from './path-build.ts';
import { sameName } from './name-match.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { keyCounts, signatureCounts } from './algorithm-policy.ts';
import type { ComparisonBudget } from './name-constraints.ts';
import { judgeNames } from './name-constraints.ts';
import type { PolicyOutcome } from './policy-graph.ts';
import type { RevocationSource } from './revocation.ts';

/**
 * What the leaf is relied on for. `crl-issuer`: to sign CRLs. `any`: nothing is asked of it beyond RFC 5280; what it may be used for
 * is for the caller to know.
 */
export type PathPurpose = 'seal' | 'time-stamp' | 'licence' | 'seal-maker' | 'ocsp-responder' | 'crl-issuer' | 'any';

export interface PathContext extends CandidatePath {
  /** The certificates that the path was built from. */
  readonly others: readonly Certificate[];
  readonly algorithms: AlgorithmPolicy;
  readonly outcome: PolicyOutcome;
  /** For all paths of one request together. */
  readonly budget: ComparisonBudget;
  readonly at: Date;
  readonly purpose: PathPurpose;
  readonly revocation: RevocationSource;
  /** Whether it is proven that the signature existed at `at`. */
  readonly atIsProven: boolean;
}

export interface PathProblem {
  readonly finding: Finding;
  /** True when the signature is certainly not to be trusted, false when it cannot be known (EN 319 102-1, 5.1.3). */
  readonly failed: boolean;
  readonly subIndication: SubIndication;
  /** Of the leaf. */
  readonly revokedAt?: Date;
}

export type PathRule = (context: PathContext) => PathProblem[];

/** In the order in which the first problem names the verdict. */
export const pathRules: readonly PathRule[] = [
  strength,
  criticalExtensions,
  authorities,
  pathLengths,
  nameChaining,
  nameConstraints,
  policies,
  leafPurpose,
  issuerPurposes,
  validity,
  revocation,
];

interface PurposeRule {
  /** Whether extendedKeyUsage must be there. */
  readonly required: boolean;
  readonly accepted: readonly string[];
  /** What an authority above, restricted by an extendedKeyUsage of its own, may be restricted to besides. */
  readonly acceptedAbove?: readonly string[];
}

/** `undefined`: extendedKeyUsage is not looked at. */
const purposeRules: Readonly<Record<PathPurpose, PurposeRule | undefined>> = {
  // Foreign seal and document signers often have none; if one is there it must fit (RFC 9336, 3).
  seal: {
    required: false,
    accepted: [purposeOids.documentSigning, purposeOids.any, '1.2.840.113583.1.1.5', '1.3.6.1.4.1.311.10.3.12'],
    acceptedAbove: [purposeOids.emailProtection],
  },
  'time-stamp': { required: true, accepted: [purposeOids.timeStamping] },
  licence: { required: true, accepted: [purposeOids.licenceIssuing] },
  'seal-maker': { required: true, accepted: [purposeOids.sealMaking] },
  'ocsp-responder': { required: true, accepted: [purposeOids.ocspSigning] },
  'crl-issuer': undefined,
  any: undefined,
};

/** Signatures that verify but were withdrawn, keys that are too short; MD5 and SHA-1 over RSA never verify here at all. */
function strength({ chain, algorithms }: PathContext): PathProblem[] {
  return chain.flatMap((certificate) => {
    const problems: PathProblem[] = [];
    const weak = (code: string, detail: string) =>
      problems.push(problem(code, detail, 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE'));
    if (!keyCounts(certificate, algorithms)) weak('weak-key', `key of ${shown(certificate)} is too short or withdrawn`);
    if (!signatureCounts(certificate, algorithms))
      weak('weak-algorithm', `${shown(certificate)} is signed with a withdrawn algorithm`);
    return problems;
  });
}

/** 6.1.3 (f), 6.1.4 (o), 6.1.5 (e). */
function criticalExtensions({ chain }: PathContext): PathProblem[] {
  return chain.flatMap((certificate) =>
    certificate.criticalUnknown.map((oid) =>
      problem(
        'critical-extension-unknown',
        `${shown(certificate)} has critical extension ${oid}`,
        'CHAIN_CONSTRAINTS_FAILURE',
      ),
    ),
  );
}

/** 6.1.4 (k) and (n): everything above the leaf is a certification authority that may sign certificates. */
function authorities({ chain }: PathContext): PathProblem[] {
  return chain.slice(1).flatMap((certificate) => {
    if (certificate.version !== 3 || certificate.basicConstraints?.ca !== true) {
      return [
        problem('issuer-not-ca', `${shown(certificate)} is no certification authority`, 'CHAIN_CONSTRAINTS_FAILURE'),
      ];
    }
    const maySign = certificate.keyUsage === undefined || certificate.keyUsage.has('keyCertSign');
    return maySign
      ? []
      : [problem('issuer-key-usage', `${shown(certificate)} may not sign certificates`, 'CHAIN_CONSTRAINTS_FAILURE')];
  });
}

/** 6.1.4 (l) and (m): counted from the anchor down; self-issued certificates do not count. */
function pathLengths({ chain, anchor }: PathContext): PathProblem[] {
  let remaining = anchor.basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY;
  for (const certificate of chain.slice(1).reverse()) {
    if (!sameName(certificate.subjectDer, certificate.issuerDer)) {
      if (remaining <= 0)
        return [problem('path-too-long', `${shown(certificate)} exceeds a path length`, 'CHAIN_CONSTRAINTS_FAILURE')];
      remaining--;
    }
    remaining = Math.min(remaining, certificate.basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY);
  }
  return [];
}

/** 6.1.3 (a)(4). The builder chains by name too; this does not rely on it. */
function nameChaining({ chain, anchor }: PathContext): PathProblem[] {
  return chain
    .filter((certificate, index) => !sameName(certificate.issuerDer, (chain[index + 1] ?? anchor).subjectDer))
    .map((certificate) =>
      problem('name-chaining', `issuer of ${shown(certificate)} has another name`, 'CHAIN_CONSTRAINTS_FAILURE'),
    );
}

/** 6.1.3 (b) and (c), with the constraints of each authority above; those of the anchor too (RFC 5937, 3.2). */
function nameConstraints({ chain, anchor, budget }: PathContext): PathProblem[] {
  return chain.flatMap((certificate, index) => {
    const isFinal = index === 0;
    if (!isFinal && sameName(certificate.subjectDer, certificate.issuerDer)) return [];
    return [...chain.slice(index + 1), anchor].flatMap((authority) => {
      const code =
        authority.nameConstraints === undefined
          ? undefined
          : judgeNames(certificate, authority.nameConstraints, budget);
      if (code === undefined) return [];
      const detail = `a name of ${shown(certificate)} under the constraints of ${shown(authority)}`;
      return [problem(code, detail, 'CHAIN_CONSTRAINTS_FAILURE')];
    });
  });
}

/** 6.1.3 (d) to (f), 6.1.4 (a) to (j), 6.1.5 (a), (b) and (g). */
function policies({ outcome }: PathContext): PathProblem[] {
  if (outcome.good) return [];
  const detail =
    outcome.code === 'policy-missing'
      ? `no acceptable policy is left at ${shown(outcome.certificate)}`
      : `${shown(outcome.certificate)} maps anyPolicy`;
  return [problem(outcome.code, detail, 'CHAIN_CONSTRAINTS_FAILURE')];
}

/** Key usage and extended key usage of the leaf (4.2.1.3, 4.2.1.12; RFC 3161, 2.3). */
function leafPurpose({ chain: [leaf], purpose }: PathContext): PathProblem[] {
  if (leaf === undefined || purpose === 'any') return [];
  const { keyUsage, extendedKeyUsage, basicConstraints } = leaf;
  const problems: PathProblem[] = [];
  const wrong = (code: string, detail: string) =>
    problems.push(problem(code, `${shown(leaf)} ${detail}`, 'CHAIN_CONSTRAINTS_FAILURE'));
  if (purpose === 'crl-issuer') {
    if (keyUsage !== undefined && !keyUsage.has('cRLSign')) wrong('leaf-key-usage', 'may not sign CRLs'); // 6.3.3 (f)
    return problems;
  }
  if (basicConstraints?.ca === true) wrong('leaf-is-ca', 'is a certification authority, not a signer');
  const maySign = keyUsage === undefined || keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation');
  if (!maySign) wrong('leaf-key-usage', 'may not sign');
  const { required = false, accepted = [] } = purposeRules[purpose] ?? {};
  const fits = extendedKeyUsage === undefined ? !required : extendedKeyUsage.some((oid) => accepted.includes(oid));
  if (!fits) wrong('leaf-purpose', `is not for the purpose ${purpose}`);
  const extension = leaf.extensions.get('2.5.29.37');
  if (purpose === 'time-stamp' && fits && (extension?.critical !== true || extendedKeyUsage?.length !== 1)) {
    wrong('leaf-purpose', 'has timeStamping neither critical nor alone');
  }
  return problems;
}

/**
 * Beyond RFC 5280, as every large verifier does: an authority whose own extendedKeyUsage is for something else, say web servers,
 * makes no seals.
 */
function issuerPurposes({ chain, purpose }: PathContext): PathProblem[] {
  const rule = purposeRules[purpose];
  if (rule === undefined) return [];
  const accepted = new Set([...rule.accepted, ...(rule.acceptedAbove ?? []), purposeOids.any]);
  return chain
    .slice(1)
    .filter(
      ({ extendedKeyUsage }) => extendedKeyUsage !== undefined && !extendedKeyUsage.some((oid) => accepted.has(oid)),
    )
    .map((authority) =>
      problem(
        'issuer-purpose',
        `${shown(authority)} may not issue for the purpose ${purpose}`,
        'CHAIN_CONSTRAINTS_FAILURE',
      ),
    );
}

/** 6.1.3 (a)(2), for the leaf first. */
function validity({ chain, at, atIsProven }: PathContext): PathProblem[] {
  return chain.flatMap((certificate, index): PathProblem[] => {
    if (at < certificate.notBefore) {
      return [
        problem('not-yet-valid', `${shown(certificate)} was not valid yet`, 'NOT_YET_VALID', atIsProven && index === 0),
      ];
    }
    if (at <= certificate.notAfter) return [];
    if (index === 0 && atIsProven) return [problem('expired', `${shown(certificate)} had expired`, 'EXPIRED', true)];
    return [problem('expired', `${shown(certificate)} has expired`, 'OUT_OF_BOUNDS_NO_POE')];
  });
}

/** 6.1.3 (a)(3). A revocation after a proven `at` does not reach back (EN 319 102-1, 5.2.6). */
function revocation(context: PathContext): PathProblem[] {
  const { chain, anchor, at, atIsProven, others, algorithms } = context;
  return chain.flatMap((certificate, index): PathProblem[] => {
    const above = [...chain.slice(index + 1), anchor];
    const answer = context.revocation.check(certificate, chain[index + 1] ?? anchor, { above, others, algorithms });
    if (answer.status === 'good') return [];
    if (answer.status === 'unknown') {
      const code = answer.code ?? 'revocation-unknown';
      return [problem(code, `status of ${shown(certificate)}: ${answer.detail}`, 'TRY_LATER')];
    }
    if (atIsProven && answer.revokedAt > at) return [];
    const detail = `${shown(certificate)} was revoked at ${answer.revokedAt.toISOString()} (${answer.reason})`;
    if (index > 0) return [problem('issuer-revoked', detail, 'REVOKED_CA_NO_POE')];
    const { revokedAt } = answer;
    return [{ ...problem('revoked', detail, atIsProven ? 'REVOKED' : 'REVOKED_NO_POE', atIsProven), revokedAt }];
  });
}

function problem(code: string, detail: string, subIndication: SubIndication, failed = false): PathProblem {
  return { finding: finding(code, 'error', detail), subIndication, failed };
}

function shown({ subject, serialHex }: Certificate): string {
  return `certificate ${subject.commonName ?? ''} (serial ${serialHex})`;
}
