// The pure parts of the CSC API: details of a request, its words without RAR, names and refusals; CSC API 2.2, 8.4.2, 10.1, 11.5, RFC 4514.

import assert from 'node:assert/strict';
import { cscStatusOf } from '../../../src/http/csc/csc-errors.ts';
import { distinguishedName } from '../../../src/http/csc/csc-credential.ts';
import { withDetails } from '../../../src/http/csc/csc-oauth.ts';
import { authorizationDetails } from '../../../src/kernel/authorization-details.ts';
import { toBase64, toBase64url } from '../../../src/kernel/bytes.ts';
import { digestOf, digestOid, mostDigests } from '../../../src/kernel/credential-details.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { errorCodes } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';

const credentialID = newId('seal', systemClock);
const hashOf = (i: number) => toBase64(new Uint8Array(32).fill(i));
const detail = (count: number, label?: string) => ({
  type: 'credential',
  credentialID,
  numSignatures: count,
  documentDigests: Array.from({ length: count }, (_, i) => ({
    hash: hashOf(i),
    ...(label !== undefined && { label }),
  })),
  hashAlgorithmOID: digestOid,
});

describe('RFC 9396 and CSC API 2.2, 8.4: digests in authorization details', () => {
  it('are taken as they are asked for, without the place they are for', () => {
    assert.deepEqual(authorizationDetails([{ ...detail(2, '合同'), locations: ['https://here.example/csc/v2'] }]), [
      detail(2, '合同'),
    ]);
    const { numSignatures: _count, ...uncounted } = detail(1);
    assert.deepEqual(authorizationDetails([uncounted]), [detail(1)]);
  });

  it('are at most so many that a person reads them and a header carries them', () => {
    assert.equal(authorizationDetails([detail(mostDigests, '文件')])?.length, 1);
    assert.equal(authorizationDetails([detail(mostDigests + 1)]), undefined);
    assert.equal(authorizationDetails([detail(mostDigests, '文'.repeat(100))]), undefined);
    assert.equal(authorizationDetails([detail(1, '文'.repeat(100))])?.length, 1);
    assert.equal(authorizationDetails([detail(1, '文'.repeat(101))]), undefined);
  });

  it('come alone', () => {
    const use = { type: 'seal_use', identifier: credentialID, purpose: '合同' };
    assert.equal(authorizationDetails([detail(1), use]), undefined);
    assert.equal(authorizationDetails([detail(1), detail(1)]), undefined);
    assert.equal(authorizationDetails([use, use])?.length, 2);
  });

  for (const text of ['', 'AA==', toBase64url(new Uint8Array(32)), ` ${hashOf(1)}`, hashOf(1).repeat(2), 7, null])
    it(`${JSON.stringify(text)} is no digest`, () => {
      assert.equal(digestOf(text), undefined);
    });
});

describe('CSC API 2.2, 8.4.2: parameters of the authorization request without RAR', () => {
  const asked = (more: Record<string, string>) =>
    withDetails(new URLSearchParams({ client_id: 'one', scope: 'credential', ...more }));

  it('say the same as details, and are gone', () => {
    const hashes = [1, 2].map((i) => toBase64url(new Uint8Array(32).fill(i)));
    const query = asked({ credentialID, hashes: hashes.join(','), numSignatures: '2', description: '合同' });
    assert.deepEqual([...query.keys()], ['client_id', 'scope', 'authorization_details']);
    const said: unknown = JSON.parse(query.get('authorization_details') ?? '');
    assert.deepEqual(authorizationDetails(said), [
      { ...detail(2), documentDigests: [1, 2].map((i) => ({ hash: hashOf(i), label: '合同' })) },
    ]);
  });

  it('that are wrong become details that are refused', () => {
    const hashes = toBase64url(new Uint8Array(32));
    for (const more of [
      { hashes: '!' },
      { hashes, numSignatures: '2' },
      { hashes, numSignatures: 'x' },
      { hashes, hashAlgorithmOID: '1.3.14.3.2.26' },
    ]) {
      const said: unknown = JSON.parse(asked({ credentialID, ...more }).get('authorization_details') ?? '');
      assert.equal(authorizationDetails(said), undefined);
    }
  });

  it('change nothing where details are there, or nothing is asked of a seal', () => {
    const given = { authorization_details: '[]', credentialID, hashes: 'x' };
    assert.equal(asked(given).get('authorization_details'), '[]');
    assert.equal(asked({ hashes: 'x' }).has('authorization_details'), false);
  });
});

describe('CSC API 2.2, 10.1 and 11.5: words', () => {
  it('answers every refusal of ours with a status that the standard knows', () => {
    const known = new Set([400, 401, 403, 404, 405, 406, 410, 412, 413, 428, 429, 500, 502, 503]);
    for (const code of errorCodes) assert.ok(known.has(cscStatusOf(code)), code);
    assert.deepEqual(
      (['token-expired', 'seal-not-active', 'seal-not-found', 'key-unavailable'] as const).map(cscStatusOf),
      [401, 400, 400, 503],
    );
  });

  it('RFC 4514: what would end a value is escaped, and a type without a name is written as its value in BER', () => {
    assert.equal(
      distinguishedName({ country: 'CN', organisation: ' a,b+c"d\\e<f>g;h ', commonName: '#章' }),
      'CN=\\#章,O=\\ a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\ ,C=CN',
    );
    assert.equal(distinguishedName({ organisationIdentifier: 'AB' }), '2.5.4.97=#0c024142');
  });
});
