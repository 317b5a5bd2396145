// Everything that the SM2 authorities sign, judged by BouncyCastle: certificates, CRLs, OCSP answers, time stamps; GM/T 0015-2012, GB/T 32918.2.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OcspResponder } from '../../../src/authority/ocsp-responder.ts';
import * as write from '../../../src/codec/der-write.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { certIdDigests, issuerHashes } from '../../../src/pki/ocsp.ts';
import { type BouncyCastle, needBouncyCastle } from '../../support/bouncy-castle.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse } from './authority-house.ts';

describe('GB/T 32918.2: what the SM2 authorities sign, judged by BouncyCastle', () => {
  let setup: AuthorityHouse;
  let judge: BouncyCastle;
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-sm2-judge-'));
  before(async function () {
    judge = needBouncyCastle(this);
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    setup.clock.advance(5000);
  });
  after(async () => {
    judge?.remove();
    await setup?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const put = (name: string, der: Uint8Array): string => {
    writeFileSync(join(directory, name), der);
    return join(directory, name);
  };
  const ca = async (name: string) => put(`${name}.cer`, await setup.authority.caCertificate(name));
  const leaf = async (name: string) => put(`${name}.cer`, (await setup.authority.certificateOf(name)).certificate.der);

  it('certificates and CRLs are good under their issuer and bad under another', async () => {
    const [root, seal, service] = [await ca('root-ca-sm2'), await ca('seal-ca-sm2'), await ca('service-ca-sm2')];
    const { certificate } = await setup.authority.certificateOf('seal-maker-sm2');
    await setup.authority.revoke(certificate.serialHex, 'superseded', house);
    const list = put('seal.crl', await setup.authority.crl('seal-ca-sm2'));
    const delta = put('seal.delta.crl', await setup.authority.crl('seal-ca-sm2', 'delta'));
    const answers = judge.judge([
      ['certificate', root, root],
      ['certificate', seal, root],
      ['certificate', service, root],
      ['certificate', await leaf('seal-maker-sm2'), seal],
      ['certificate', await leaf('ocsp-seal-ca-sm2'), seal],
      ['certificate', await leaf('tsa-sm2'), service],
      ['crl', list, seal],
      ['crl', delta, seal],
      ['certificate', seal, service],
      ['crl', list, service],
    ]);
    assert.deepEqual(answers, [...Array.from({ length: 8 }, () => 'good'), 'bad', 'bad']);
  });

  it('OCSP answers and time stamps are good, and say what the register says', async () => {
    const { database, audit, keys, clock } = setup;
    const responder = new OcspResponder({ database, audit, keys, clock, log: silentLog });
    const issuer = parseCertificate(await setup.authority.caCertificate('service-ca-sm2'));
    const { name, key } = issuerHashes(issuer, 'SHA-1');
    const { certificate } = await setup.authority.certificateOf('licence-issuer-sm2');
    const algorithm = write.sequence(write.oid(certIdDigests['SHA-1'].oid), write.nullValue());
    const serial = write.unsignedInteger(certificate.serial);
    const certId = write.sequence(algorithm, write.octetString(name), write.octetString(key), serial);
    const request = write.sequence(write.sequence(write.sequence(write.sequence(certId))));
    const ask = async (file: string) => put(file, (await responder.respond('service-ca-sm2', request)).der);
    const before = await ask('before.ocsp');
    await setup.authority.suspend(certificate.serialHex, house);
    const held = await ask('held.ocsp');
    const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(utf8('x')) } as const;
    const token = put('token.tst', await setup.timestamps.stamp(imprint, 'gm'));
    const service = await ca('service-ca-sm2');
    const answers = judge.judge([
      ['ocsp', before, service],
      ['ocsp', held, service],
      ['ocsp', before, await ca('seal-ca-sm2')],
      ['verify', token],
    ]);
    assert.deepEqual(answers, ['good', 'revoked', 'bad', 'good']);
  });
});
