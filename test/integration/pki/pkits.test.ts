// NIST PKITS against our path validation, in a bag of everything, and with OpenSSL as second judge; RFC 5280, 6.

import assert from 'node:assert/strict';
import { needOpenssl } from '../../support/openssl.ts';
import type { PkitsCase } from '../../support/pkits.ts';
import { pkitsBag, pkitsCases, pkitsFile, pkitsIndex, runPkitsCase } from '../../support/pkits.ts';
import { needSharedData } from '../../support/shared-data.ts';

/** What the makers of the cases say is wrong, and our code for it. */
const reasons: readonly [RegExp, string][] = [
  [/signature of .* could not be verified$/, 'certificate-signature-wrong'],
  [/is not valid until/, 'not-yet-valid'],
  [/certificate( \d)? expired/, 'expired'],
  [/issuer name could not be matched/, 'no-path'],
  [/intermediate certificate \d was revoked/, 'issuer-revoked'],
  [/end-entity certificate was revoked/, 'revoked'],
  [/is not a CA/, 'issuer-not-ca'],
  [/not allowed to sign certificates/, 'issuer-key-usage'],
  [/exceeds the maximum path length/, 'path-too-long'],
  [/no valid set of policies/, 'policy-missing'],
  [/policy mapping for the "any/, 'policy-mapping-any'],
  [/not all names .* permitted/, 'name-not-permitted'],
  [/names .* excluded/, 'name-excluded'],
  [/unsupported critical extension/, 'critical-extension-unknown'],
  [/CRL signature could not be verified/, 'crl-signature-wrong'],
  [/unrecognized critical extensions/, 'crl-extension-unknown'],
  [/not recent enough/, 'crl-out-of-date'],
  [/CRL issuer certificate path could not be validated/, 'crl-issuer-not-trusted'],
  [/CRL issuer that was identified is not authorized/, 'crl-issuer-key-usage'],
  [/CRL only contains/, 'crl-scope-other'],
  [/do not cover all revocation reasons/, 'crl-reasons-incomplete'],
  [/no revocation information could be found/, 'crl-'],
];

describe('NIST PKITS: the 246 cases', () => {
  let cases: PkitsCase[] = [];

  before(function () {
    needSharedData(this, pkitsIndex);
    cases = pkitsCases() ?? [];
  });

  it('are all judged as the suite demands, and none is accepted falsely', () => {
    const outcomes = cases.map((test) => runPkitsCase(test));
    const wrong = outcomes.filter(({ right }) => !right);
    assert.deepEqual(
      wrong.map(({ test, accepted, codes }) => ({ test: `${test.id} ${test.name}`, accepted, codes })),
      [],
    );
    assert.equal(outcomes.length, 246);
    assert.equal(outcomes.filter(({ accepted }) => !accepted).length, 136);
  });

  it('are refused for the reason that the case is about', () => {
    for (const test of cases) {
      const message = test.error?.msg_regex;
      if (message === undefined) continue;
      const code = reasons.find(([pattern]) => pattern.test(message))?.[1];
      assert.ok(code !== undefined, `no code for: ${message}`);
      const { codes } = runPkitsCase(test);
      assert.ok(
        codes.some((found) => found.startsWith(code)),
        `${test.id} ${test.name}: ${codes.join(', ')}, not ${code}`,
      );
    }
  });

  it('are judged the same when every certificate and every CRL of the suite lies in one bag (RFC 4158)', () => {
    const bag = pkitsBag();
    const wrong = cases.map((test) => runPkitsCase(test, bag)).filter(({ right }) => !right);
    assert.deepEqual(
      wrong.map(({ test, codes }) => `${test.id} ${test.name}: ${codes.join(', ')}`),
      [],
    );
  });

  it('are judged the same by openssl verify, but for two that it cannot do', function () {
    const openssl = needOpenssl(this);
    // 40105: it has no inheritance of DSA parameters. 41430: it refuses a CRL issuer whose own status is in its own CRL.
    const beyond = new Set(['40105', '41430']);
    try {
      const root = openssl.writePem('root.pem', [pemOf('certs', 'TrustAnchorRootCertificate.crt')]);
      const sample = cases.filter((test, index) => index % 3 === 0 && !beyond.has(test.id));
      for (const test of sample) {
        const others = ['TrustAnchorRootCertificate.crt', ...(test.other_certs ?? [])];
        const lists = ['TrustAnchorRootCRL.crl', ...(test.crls ?? [])];
        const untrusted = openssl.writePem(
          'others.pem',
          others.map((name) => pemOf('certs', name)),
        );
        const crls = openssl.writePem(
          'crls.pem',
          lists.map((name) => pemOf('crls', name)),
        );
        const leaf = openssl.writePem('leaf.pem', [pemOf('certs', test.cert)]);
        const files = ['-CAfile', root, '-untrusted', untrusted, '-CRLfile', crls];
        const rules = ['-attime', '1590969600', '-auth_level', '0', '-crl_check_all', '-extended_crl', '-use_deltas'];
        const { good, output } = openssl.run('verify', ...rules, ...policyFlags(test), ...files, leaf);
        assert.equal(good, runPkitsCase(test).accepted, `${test.id} ${test.name}: ${output}`);
      }
    } finally {
      openssl.remove();
    }
  });
});

function pemOf(folder: 'certs' | 'crls', name: string): { label: string; der: Uint8Array } {
  return { label: folder === 'certs' ? 'CERTIFICATE' : 'X509 CRL', der: pkitsFile(folder, name) };
}

function policyFlags({ params = {} }: PkitsCase): string[] {
  const initial = params.user_initial_policy_set ?? ['2.5.29.32.0'];
  return [
    '-policy_check',
    ...initial.flatMap((policy) => ['-policy', policy]),
    ...(params.initial_explicit_policy === true ? ['-explicit_policy'] : []),
    ...(params.initial_policy_mapping_inhibit === true ? ['-inhibit_map'] : []),
    ...(params.initial_any_policy_inhibit === true ? ['-inhibit_any'] : []),
  ];
}
