// Certificates that are asked for together: issued together, each for itself; no key acts before its intent is committed.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import { Authority } from '../../../src/authority/authority.ts';
import type { AuditLog } from '../../../src/audit/audit-log.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { house } from '../../../src/kernel/principal.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { writeSignatureAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { isSignedBy, parseCertificate } from '../../../src/pki/certificate.ts';
import { writeName } from '../../../src/pki/name.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse, publicUrl, recorded } from './authority-house.ts';

async function requestOf(commonName: string): Promise<Uint8Array> {
  const signer = createSigner({ keyName: 'theirs', purpose: 'seal', algorithm: 'ES256', ...generateKeyPair('ES256') });
  const name = writeName({ country: 'CN', commonName });
  const info = write.sequence(write.integer(0), name, signer.spki, write.context(0));
  const signature = write.bitString(await signer.sign(info, 'der'));
  return write.sequence(info, writeSignatureAlgorithm('ES256'), signature);
}

/** Statements outside and inside transactions, by name. */
function countStatements({ database }: AuthorityHouse) {
  const query = database.query.bind(database);
  const transaction = database.transaction.bind(database);
  const names: string[] = [];
  database.query = (statement) => {
    names.push(statement.name ?? '');
    return query(statement);
  };
  database.transaction = (work) =>
    transaction((tx) => {
      const counted: typeof tx.query = (statement) => {
        names.push(statement.name?.startsWith('audit-') === true ? 'in tx: entries' : `in tx: ${statement.name ?? ''}`);
        return tx.query(statement);
      };
      return work({ ...tx, query: counted });
    });
  return {
    end: () => {
      Object.assign(database, { query, transaction });
      return names;
    },
  };
}

describe('Certificates that are asked for together', () => {
  let setup: AuthorityHouse;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    await issue(await requestOf('XTEXT first')); // addresses and keys are known from now on
  });
  after(() => setup.close());
  const issue = (csr: Uint8Array, { office } = setup.authority) =>
    office.issue(house, { csr, profile: 'tls-client', validDays: 90 });
  const requests = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, place) => requestOf(`XTEXT ${place}`)));
  const ended = async () => {
    const outcomes = await recorded(setup.audit, 'certificate.issued');
    const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
    return { intended: count('intended'), done: count('done'), failed: count('failed') };
  };

  it('share one transaction of intents and one of outcomes, and each gets what was asked for', async () => {
    const csrs = await requests(40);
    const statements = countStatements(setup);
    const results = await Promise.all(csrs.map((csr) => issue(csr)));
    const names = statements.end();
    assert.deepEqual(
      names.filter((name) => name.startsWith('in tx')),
      ['in tx: pki-certificates-intended', 'in tx: entries', 'in tx: pki-certificates-issued', 'in tx: entries'],
    );
    const reads = names.filter((name) => !name.startsWith('in tx'));
    assert.equal(new Set(reads).size, reads.length, 'what all of them ask is asked once');
    const issuer = parseCertificate(await setup.authority.caCertificate('service-ca'));
    for (const [place, { certificate }] of results.entries()) {
      assert.equal(certificate.subject.commonName, `XTEXT ${place}`);
      assert.ok(isSignedBy(certificate, issuer));
    }
    assert.equal(new Set(results.map(({ certificate }) => certificate.serialHex)).size, 40);
    const { items } = await setup.authority.office.list(house, { profile: 'tls-client', limit: 100 });
    const stored = new Map(items.map((item) => [item.certificate.serialHex, item]));
    for (const { certificate, issuedAt } of results) {
      const found = stored.get(certificate.serialHex);
      assert.deepEqual([found?.certificate.der, found?.issuedAt], [certificate.der, issuedAt]);
    }
  });

  it('harm nobody but themselves: the failure of one is its own', async () => {
    const earlier = await ended();
    const csrs = await requests(9);
    const long = await requestOf('x'.repeat(65));
    const results = await Promise.allSettled([...csrs.slice(0, 4), long, ...csrs.slice(4)].map((csr) => issue(csr)));
    const failures = results.flatMap((result, place) => (result.status === 'rejected' ? [place] : []));
    assert.deepEqual(failures, [4]);
    const { intended, done, failed } = await ended();
    assert.deepEqual([intended, done, failed], [earlier.intended + 10, earlier.done + 9, earlier.failed + 1]);
  });

  it('are one under one Idempotency-Key, and the others of the moment are issued all the same', async () => {
    const [same = new Uint8Array(), ...others] = await requests(6);
    const requestKey = { owner: 'sandbox-system', key: 'together', bodySha256: sha256(same) };
    const repeated = [1, 2, 3].map(() =>
      setup.authority.office.issue(house, { csr: same, profile: 'tls-client', validDays: 90 }, requestKey),
    );
    const results = await Promise.allSettled([...repeated, ...others.map((csr) => issue(csr))]);
    const serials = results.map((result) => {
      if (result.status === 'fulfilled') return result.value.certificate.serialHex;
      return isTrustError(result.reason) ? result.reason.code : String(result.reason);
    });
    // Whoever asks while it is made is told so; whoever asks after it gets the same one.
    const made = new Set(serials.slice(0, 3));
    made.delete('certificate-transition-forbidden');
    assert.equal(made.size, 1);
    assert.ok([...made, ...serials.slice(3)].every((serial) => /^[0-9a-f]{20,32}$/.test(serial)));
    assert.equal(new Set(serials.slice(3)).size, 5);
  });

  it('are not signed while their intents are not committed', async () => {
    const earlier = await ended();
    const signed: string[] = [];
    const authority = another({ recordMany: 1, signed });
    const results = await Promise.allSettled((await requests(5)).map((csr) => issue(csr, authority)));
    assert.ok(results.every(isLost));
    assert.deepEqual(signed, []);
    assert.deepEqual(await ended(), earlier);
  });

  it('are not given out when their outcome is not durable: a crash leaves intents, and no certificate', async () => {
    const earlier = await ended();
    const signed: string[] = [];
    const authority = another({ recordMany: 2, signed });
    const results = await Promise.allSettled((await requests(5)).map((csr) => issue(csr, authority)));
    assert.ok(results.every(isLost));
    assert.equal(signed.length, 5);
    assert.deepEqual(await ended(), { ...earlier, intended: earlier.intended + 5 });
    const { rows } = await setup.database.query<{ state: string; count: number }>({
      text: `SELECT state, count(*) AS count FROM pki.certificate WHERE der IS NULL AND state = 'intended' GROUP BY state`,
    });
    assert.deepEqual(rows, [{ state: 'intended', count: 5 }]);
  });

  const intents = async (): Promise<number> => {
    const { rows } = await setup.database.query<{ count: number }>({
      text: `SELECT count(*)::int AS count FROM pki.certificate WHERE state = 'intended'`,
    });
    return rows[0]?.count ?? -1;
  };

  it('whose processes ended are given up after a minute, by one of many, and the log says so', async () => {
    const left = await intents();
    assert.ok(left >= 5);
    const { items } = await setup.authority.office.list(house, { limit: 100 });
    const processes = [setup.authority, setup.another().authority, setup.another().authority];
    const ended = async () => {
      const counts = await Promise.all(processes.map((authority) => authority.voidAbandoned()));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    assert.equal(await ended(), 0, 'not before their time');
    setup.clock.advance(60_001);
    assert.equal(await ended(), left);
    assert.equal(await ended(), 0);
    assert.equal(await intents(), 0);
    const outcomes = await recorded(setup.audit, 'certificate.issued');
    assert.equal(outcomes.filter((outcome) => outcome === 'voided').length, left);
    const after = await setup.authority.office.list(house, { limit: 100 });
    assert.deepEqual(after.items, items, 'what was issued stays');
  });

  it('that come back late issue nothing; asked again in between, there is one certificate', async () => {
    const csr = await requestOf('XTEXT slow');
    const requestKey = { owner: 'sandbox-system', key: 'slow', bodySha256: sha256(csr) };
    const order = { csr, profile: 'tls-client', validDays: 90 } as const;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let reach: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const slow = another({
      recordMany: 99,
      signed: [],
      beforeSigning: async () => {
        reach();
        await released;
      },
    });
    const late = slow.office.issue(house, order, requestKey);
    late.catch(() => undefined);
    await reached;
    setup.clock.advance(60_001);
    const again = await setup.authority.office.issue(house, order, requestKey);
    release();
    await assert.rejects(late, (error) => isTrustError(error, 'certificate-transition-forbidden'));
    assert.equal(await setup.authority.voidAbandoned(), 0);
    const same = await setup.authority.office.issue(house, order, requestKey);
    assert.equal(same.certificate.serialHex, again.certificate.serialHex);
    const { items } = await setup.authority.office.list(house, { profile: 'tls-client', limit: 100 });
    assert.equal(items.filter(({ certificate }) => certificate.subject.commonName === 'XTEXT slow').length, 1);
  });

  it('are not issued by an authority that is suspended: only its responder goes on', async () => {
    const { authority } = setup;
    const { certificate: ca } = await authority.certificateOf('service-ca');
    const earlier = await ended();
    await authority.suspend(ca.serialHex, house);
    await assert.rejects(issue(await requestOf('XTEXT suspended')), (error) =>
      isTrustError(error, 'certificate-transition-forbidden'),
    );
    assert.deepEqual(await ended(), earlier, 'no intent, and no key acted');
    const keyName = 'ocsp-service-ca';
    const { certificate: responder } = await authority.certificateOf(keyName);
    const { subject } = responder;
    const renewed = await authority.issueFor({ keyName, profile: 'ocsp-responder', subject, validDays: 90 }, house);
    assert.equal(renewed.profile, 'ocsp-responder');
    await authority.resume(ca.serialHex, house);
    assert.equal((await issue(await requestOf('XTEXT resumed'))).profile, 'tls-client');
  });

  /** A process whose database is lost at the n-th entry of many, and that tells when its keys act. */
  function another({
    recordMany,
    signed,
    beforeSigning = async () => undefined,
  }: {
    recordMany: number;
    signed: string[];
    beforeSigning?: () => Promise<void>;
  }): Authority {
    const { database, keys, clock } = setup;
    let calls = 0;
    const audit = new Proxy<AuditLog>(setup.audit, {
      get: (target, name) => {
        if (name === 'recordMany' && ++calls >= recordMany)
          return () => Promise.reject(new TrustError('database-unavailable', 'gone'));
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const watched = {
      create: keys.create.bind(keys),
      find: keys.find.bind(keys),
      family: keys.family.bind(keys),
      list: keys.list.bind(keys),
      digestSigner: keys.digestSigner.bind(keys),
      signer: async (...which: Parameters<typeof keys.signer>) => {
        const signer = await keys.signer(...which);
        const sign: typeof signer.sign = async (data, form) => {
          signed.push(signer.keyName);
          await beforeSigning();
          return signer.sign(data, form);
        };
        return { ...signer, sign };
      },
    };
    return new Authority({ database, keys: watched, clock, audit, publicUrl, log: silentLog });
  }
});

function isLost(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'rejected' && isTrustError(result.reason, 'database-unavailable');
}
