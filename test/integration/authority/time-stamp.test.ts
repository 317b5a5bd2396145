// The time-stamp authority over a real database; RFC 3161, judged by OpenSSL.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sandboxTimeStampPolicyOid, timeStampPolicyOids } from '../../../src/codec/oids.ts';
import { digestAlgorithms, digestNames } from '../../../src/crypto/algorithms.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { fromHex, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { OwnTimestampAuthority } from '../../../src/authority/time-stamp.ts';
import { house } from '../../../src/kernel/principal.ts';
import { validatePath } from '../../../src/pki/path.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import * as write from '../../../src/codec/der-write.ts';
import { readDer } from '../../../src/codec/der.ts';
import { needOpenssl } from '../../support/openssl.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse, recorded, trustFor } from './authority-house.ts';

const content = utf8('what was there at that time');
const sha256Identifier = write.sequence(write.oid('2.16.840.1.101.3.4.2.1'));

function request(parts: { algorithm?: Uint8Array; digest?: Uint8Array; rest?: Uint8Array[] } = {}): Uint8Array {
  const imprint = write.sequence(
    parts.algorithm ?? sha256Identifier,
    write.octetString(parts.digest ?? sha256(content)),
  );
  return write.sequence(write.integer(1), imprint, ...(parts.rest ?? []));
}

/** PKIStatus and the failInfo bits of a TimeStampResp. */
function statusOf(response: Uint8Array): { status: number; failure: string; token?: Uint8Array } {
  const [info, token] = readDer(response).children;
  const [status, ...rest] = info?.children ?? [];
  const failure = rest.find(({ tag }) => tag === 0x03);
  return {
    status: status?.content[0] ?? -1,
    failure: Buffer.from(failure?.raw ?? new Uint8Array()).toString('hex'),
    ...(token === undefined ? {} : { token: token.raw }),
  };
}

/** Names of the statements that reach the database from now on. */
function countStatements({ database }: AuthorityHouse): { end(): (string | undefined)[] } {
  const names: (string | undefined)[] = [];
  const query = database.query.bind(database);
  database.query = (statement) => {
    names.push(statement.name);
    return query(statement);
  };
  return {
    end: () => {
      database.query = query;
      return names;
    },
  };
}

async function outcomesOf({ database }: AuthorityHouse) {
  const { rows } = await database.query<{ intended: number; done: number; serials: number }>({
    text: `SELECT count(*) FILTER (WHERE said.outcome = 'intended') AS intended, count(*) FILTER (WHERE said.outcome = 'done') AS done,
        (SELECT count(*) FROM pki.time_stamp) AS serials
      FROM audit.entry, json_to_record(convert_from(leaf, 'UTF8')::json) AS said(action text, outcome text)
      WHERE said.action = 'time-stamp.issued'`,
  });
  return rows[0] ?? { intended: -1, done: -1, serials: -1 };
}

const bits = (bit: number): string => Buffer.from(write.namedBits([bit])).toString('hex');

describe('RFC 3161: the time-stamp authority', () => {
  let setup: AuthorityHouse;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    setup.clock.advance(5000);
  });
  after(() => setup.close());

  it('stamps an imprint with its time, policy, accuracy and a path that is good for time stamps', async () => {
    const token = await setup.timestamps.stamp({ digestAlgorithm: 'SM3', digest: digest('SM3', content) });
    const result = verifyTimestampToken({ token, imprint: (name) => digest(name, content) });
    assert.deepEqual(
      { intact: result.intact, valid: result.valid, findings: result.findings },
      { intact: true, valid: true, findings: [] },
    );
    assert.deepEqual(result.genTime, setup.clock.now());
    assert.equal(result.policyOid, sandboxTimeStampPolicyOid);
    assert.equal(result.accuracySeconds, 1);
    assert.ok(result.signerCertificate);
    const path = validatePath({
      leaf: result.signerCertificate,
      intermediates: result.certificates,
      at: setup.clock.now(),
      purpose: 'time-stamp',
      ...(await trustFor(setup.authority, result.certificates)),
    });
    assert.equal(path.trusted, true, JSON.stringify(path.findings));
  });

  it('takes a new serial for every token and records intent and outcome (2.4.2)', async () => {
    const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(content) } as const;
    const earlier = (await recorded(setup.audit, 'time-stamp.issued')).length;
    const tokens = await Promise.all(Array.from({ length: 5 }, () => setup.timestamps.stamp(imprint)));
    const serials = tokens.map((token) => verifyTimestampToken({ token, imprint: () => imprint.digest }).serialHex);
    assert.equal(new Set(serials).size, 5);
    const outcomes = (await recorded(setup.audit, 'time-stamp.issued')).slice(earlier);
    assert.equal(outcomes.filter((outcome) => outcome === 'intended').length, 5);
    assert.equal(outcomes.filter((outcome) => outcome === 'done').length, 5);
  });

  it('embeds certificates only when certReq asks for them (2.4.1)', async () => {
    const certificates = async (rest: Uint8Array[]) => {
      const { token } = statusOf(await setup.timestamps.respond(request({ rest })));
      assert.ok(token);
      return verifyTimestampToken({ token, imprint: (name) => digest(name, content) }).certificates.length;
    };
    assert.equal(await certificates([]), 0);
    assert.equal(await certificates([write.boolean(true)]), 2);
  });

  it('repeats the nonce octet by octet', async () => {
    const nonce = write.integer(2n ** 127n - 5n);
    const { token } = statusOf(await setup.timestamps.respond(request({ rest: [nonce] })));
    assert.ok(token);
    const result = verifyTimestampToken({ token, imprint: (name) => digest(name, content) });
    assert.deepEqual(result.nonce, readDer(nonce).content);
  });

  const refusals: Record<string, { der: Uint8Array; bit: number }> = {
    'a digest it does not know with badAlg': {
      der: request({ algorithm: write.sequence(write.oid('1.3.14.3.2.26')), digest: new Uint8Array(20) }),
      bit: 0,
    },
    'an imprint of the wrong size with badDataFormat': { der: request({ digest: new Uint8Array(31) }), bit: 5 },
    'what is no TimeStampReq with badDataFormat': { der: utf8('GET / HTTP/1.1'), bit: 5 },
    'trailing octets with badDataFormat': { der: Uint8Array.of(...request(), 0), bit: 5 },
    'version 2 with badDataFormat': {
      der: write.sequence(write.integer(2), write.sequence(sha256Identifier, write.octetString(sha256(content)))),
      bit: 5,
    },
    'another policy with unacceptedPolicy': { der: request({ rest: [write.oid('1.2.3.4')] }), bit: 15 },
    'extensions with unacceptedExtension': {
      der: request({
        rest: [write.context(0, write.sequence(write.oid('1.2.3.4'), write.octetString(new Uint8Array(1))))],
      }),
      bit: 16,
    },
  };
  for (const [sentence, { der, bit }] of Object.entries(refusals)) {
    it(`refuses ${sentence} (2.4.2)`, async () => {
      const answer = statusOf(await setup.timestamps.respond(der));
      assert.deepEqual(answer, { status: 2, failure: bits(bit) });
    });
  }

  it('refuses to stamp when the clock went back by more than its accuracy, and says timeNotAvailable', async () => {
    const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(content) } as const;
    await setup.timestamps.stamp(imprint);
    setup.clock.advance(-900);
    await setup.timestamps.stamp(imprint); // within the accuracy
    setup.clock.advance(-200);
    await assert.rejects(setup.another().timestamps.stamp(imprint), (error) => isTrustError(error, 'clock-unreliable'));
    assert.equal(statusOf(await setup.timestamps.respond(request())).failure, bits(14));
    setup.clock.advance(1100);
    await setup.timestamps.stamp(imprint);
  });

  it('refuses an imprint that is no digest of the algorithm named', async () => {
    const stamped = setup.timestamps.stamp({ digestAlgorithm: 'SHA-512', digest: sha256(content) });
    await assert.rejects(stamped, (error) => isTrustError(error, 'timestamp-refused'));
  });

  it('stamps every digest of the registry, SM3 among them (2.4.1)', async () => {
    for (const name of digestNames) {
      const identifier = write.sequence(write.oid(digestAlgorithms[name].oid), write.nullValue());
      const der = request({ algorithm: identifier, digest: digest(name, content), rest: [write.boolean(true)] });
      const { status, token } = statusOf(await setup.timestamps.respond(der));
      assert.equal(status, 0, name);
      assert.ok(token);
      const result = verifyTimestampToken({ token, imprint: (asked) => digest(asked, content) });
      assert.deepEqual([result.intact, result.valid], [true, true]);
    }
  });

  it('signs with SM2 where the path or the policy asks for it, and no other policy goes with that path', async () => {
    const policy = (suite: 'intl' | 'gm') => write.oid(timeStampPolicyOids[suite]);
    const byPolicy = await setup.timestamps.respond(request({ rest: [policy('gm'), write.boolean(true)] }));
    const byPath = await setup.timestamps.respond(request({ rest: [write.boolean(true)] }), 'gm');
    for (const answer of [byPolicy, byPath]) {
      const { token } = statusOf(answer);
      assert.ok(token);
      const result = verifyTimestampToken({ token, imprint: (name) => digest(name, content) });
      assert.equal(result.policyOid, timeStampPolicyOids.gm);
      assert.equal(result.signerCertificate?.signatureAlgorithm, 'SM2');
      assert.deepEqual([result.intact, result.valid, result.findings], [true, true, []]);
      const path = validatePath({
        leaf: result.signerCertificate,
        intermediates: result.certificates,
        at: setup.clock.now(),
        purpose: 'time-stamp',
        ...(await trustFor(setup.authority, result.certificates)),
      });
      assert.equal(path.trusted, true, JSON.stringify(path.findings));
    }
    const refused = await setup.timestamps.respond(request({ rest: [policy('intl')] }), 'gm');
    assert.equal(statusOf(refused).failure, bits(15));
  });

  it('commits serials and intents of those who ask together by one statement, and their outcomes by one', async () => {
    const imprints = Array.from({ length: 150 }, (_, i) => sha256(Uint8Array.of(i)));
    await setup.timestamps.stamp({ digestAlgorithm: 'SHA-256', digest: sha256(content) }); // the certificate is known from now on
    const statements = countStatements(setup);
    const stamps = imprints.map((digest) => setup.timestamps.stamp({ digestAlgorithm: 'SHA-256', digest }));
    const tokens = await Promise.all(stamps);
    assert.deepEqual(statements.end(), ['audit-record-pki-time-stamps', 'audit-record']);
    const results = tokens.map((token, i) => verifyTimestampToken({ token, imprint: () => sha256(Uint8Array.of(i)) }));
    assert.ok(
      results.every(({ intact, valid }) => intact && valid),
      'each token is over the imprint of who asked',
    );
    assert.equal(new Set(results.map(({ serialHex }) => serialHex)).size, 150);
  });

  it('gives no token when its outcome is not durable: a crash after the intents leaves them, and serials never used again', async () => {
    const earlier = await outcomesOf(setup);
    const { authority, keys, clock, audit } = setup;
    const appendMany = () => Promise.reject(new TrustError('database-unavailable', 'gone before the outcome'));
    const crashing = new Proxy(audit, {
      get: (target, name) => {
        if (name === 'appendMany') return appendMany;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const timestamps = new OwnTimestampAuthority({ authority, keys, clock, audit: crashing });
    const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(content) } as const;
    const stamps = await Promise.allSettled(Array.from({ length: 7 }, () => timestamps.stamp(imprint)));
    assert.ok(
      stamps.every((stamp) => stamp.status === 'rejected' && isTrustError(stamp.reason, 'database-unavailable')),
    );
    const { intended, done, serials } = await outcomesOf(setup);
    assert.deepEqual([intended, done, serials], [earlier.intended + 7, earlier.done, earlier.serials + 7]);
  });

  it('takes no serial and records no intent when it refuses', async () => {
    const earlier = await outcomesOf(setup);
    setup.clock.advance(-5000);
    const refused = Array.from({ length: 5 }, () => setup.timestamps.respond(request()));
    for (const answer of await Promise.all(refused)) assert.equal(statusOf(answer).failure, bits(14));
    setup.clock.advance(5000);
    assert.deepEqual(await outcomesOf(setup), earlier);
  });

  it('stamps nothing under a certificate that was revoked or suspended', async () => {
    const { certificate } = await setup.authority.certificateOf('tsa-sm2');
    await setup.authority.suspend(certificate.serialHex, house);
    setup.clock.advance(1);
    assert.equal(statusOf(await setup.timestamps.respond(request(), 'gm')).failure, bits(14));
    await setup.authority.resume(certificate.serialHex, house);
    assert.equal(statusOf(await setup.timestamps.respond(request(), 'gm')).status, 0);
  });

  it('answers any bytes with a refusal (2.4.2)', async () => {
    const good = request({ rest: [write.boolean(true)] });
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, octet]) => good.with(at, octet));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 120 }), damaged), async (der) => {
        const { status, token } = statusOf(await setup.timestamps.respond(Uint8Array.from(der)));
        assert.ok(status === 2 || token !== undefined);
      }),
      { numRuns: 150 },
    );
  });

  it('satisfies openssl ts -verify with the query that openssl made', async function () {
    const openssl = needOpenssl(this);
    try {
      const data = openssl.write('data', content);
      const query = openssl.path('query.tsq');
      const asked = openssl.run('ts', '-query', '-data', data, '-sha384', '-cert', '-out', query);
      assert.equal(asked.good, true, asked.output);
      const reply = openssl.write('reply.tsr', await setup.timestamps.respond(openssl.read('query.tsq')));
      const pems = (certificates: readonly { der: Uint8Array }[]) =>
        certificates.map(({ der }) => ({ label: 'CERTIFICATE', der }));
      const anchors = openssl.writePem('root.pem', pems(await setup.authority.anchors()));
      const middle = openssl.writePem('middle.pem', pems(await setup.authority.intermediates()));
      const verify = ['ts', '-verify', '-in', reply, '-CAfile', anchors, '-untrusted', middle];
      const judged = openssl.run(...verify, '-queryfile', query);
      assert.match(judged.output, /Verification: OK/);
      const other = openssl.run(...verify, '-data', openssl.write('other', utf8('something else')));
      assert.match(other.output, /Verification: FAILED/);
      const text = openssl.run('ts', '-reply', '-in', reply, '-text').output;
      assert.match(text, new RegExp(`Policy OID: ${sandboxTimeStampPolicyOid}`));
      const rejected = openssl.write(
        'rejected.tsr',
        await setup.timestamps.respond(fromHex('3003020101') ?? new Uint8Array()),
      );
      assert.match(openssl.run('ts', '-reply', '-in', rejected, '-text').output, /Status: Rejected/);
    } finally {
      openssl.remove();
    }
  });
});
