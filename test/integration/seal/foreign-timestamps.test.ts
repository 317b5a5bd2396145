// Seals stamped by a foreign time-stamp authority that openssl runs: relied on while a list that the operator keeps tells its status; RFC 3161, RFC 5280, 6.3.3.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnchorLists } from '../../../src/anchor-lists.ts';
import { foreignTimestamps } from '../../../src/foreign-timestamps.ts';
import { moment, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { readAnchors } from '../../../src/trust-anchors.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { foreignExtensions } from '../verification/foreign-pki.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');
/** Root, authority and CRLs of `openssl ts`, in the files of one bench. */
function makeForeignAuthority(openssl: OpensslBench) {
  const run = (...args: string[]) => {
    const { good, output } = openssl.run(...args);
    assert.ok(good, `openssl ${args.join(' ')}\n${output}`);
  };
  const at = (name: string) => openssl.path(name);
  const settings = openssl.write('extensions.cnf', foreignExtensions);
  const key = (name: string, commonName: string) => {
    const subject = ['-subj', `/C=CN/O=XTEXT Foreign/CN=${commonName}`];
    return ['-config', settings, '-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`), ...subject];
  };
  run('req', '-x509', ...key('root', 'XTEXT Root'), '-extensions', 'authority', '-days', '900', '-out', at('root.pem'));
  run('req', '-new', ...key('tsa', 'XTEXT TSA'), '-out', at('tsa.csr'));
  const issuer = ['-CA', at('root.pem'), '-CAkey', at('root.key'), '-set_serial', '0x3001'];
  const profile = ['-extfile', settings, '-extensions', 'stamps', '-days', '800'];
  run('x509', '-req', '-in', at('tsa.csr'), ...issuer, ...profile, '-out', at('tsa.pem'));
  openssl.write('serial', '01\n');
  openssl.write(
    'ts.cnf',
    `[tsa]\ndefault_tsa = own\n[own]\nserial = ${at('serial')}\nsigner_cert = ${at('tsa.pem')}\nsigner_key = ${at('tsa.key')}\n` +
      'signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\nordering = yes\ness_cert_id_alg = sha256\n',
  );
  let files = 0;
  return {
    reply: async (query: Uint8Array): Promise<Uint8Array> => {
      const [request, answer] = [`${++files}.tsq`, `${files}.tsr`];
      openssl.write(request, query);
      const made = ['-queryfile', at(request), '-config', at('ts.cnf'), '-out', at(answer)];
      const { good, output } = await openssl.runAsync('ts', '-reply', ...made);
      assert.ok(good, output);
      return openssl.read(answer);
    },
    /** `nextUpdate` in the form of openssl. */
    crl: ({ revoked = false, from = '20260101000000Z', until = '20990101000000Z' } = {}): Uint8Array => {
      const name = `list-${++files}`;
      const [database, number] = [openssl.write(`${name}.index`, ''), openssl.write(`${name}.number`, '01')];
      const own = `[ca]\ndefault_ca = own\n[own]\ndatabase = ${database}\ncrlnumber = ${number}\ndefault_md = sha256\n`;
      const by = ['-config', openssl.write(`${name}.cnf`, own), '-cert', at('root.pem'), '-keyfile', at('root.key')];
      if (revoked) run('ca', ...by, '-revoke', at('tsa.pem'));
      run('ca', ...by, '-gencrl', '-crl_lastupdate', from, '-crl_nextupdate', until, '-out', at(name));
      return openssl.read(name);
    },
  };
}

describe('TSA_URL: seals with time stamps of a foreign authority', () => {
  let of: SealHouse;
  let openssl: OpensslBench;
  let authority: ReturnType<typeof makeForeignAuthority>;
  let server: Server;
  let timestampUrl: string;
  const anchors = mkdtempSync(join(tmpdir(), 'yinxin-anchors-'));
  const listFile = join(anchors, 'time-stamp', 'root.crl');
  let asked = 0;

  before(async function () {
    openssl = needOpenssl(this);
    authority = makeForeignAuthority(openssl);
    mkdirSync(join(anchors, 'time-stamp'));
    writeFileSync(join(anchors, 'time-stamp', 'root.pem'), openssl.read('root.pem'));
    of = await sealHouse(systemClock, { anchorFolder: readAnchors(anchors), anchorLists: () => lists().current() });
    server = createServer((request, response) => {
      asked++;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void authority
          .reply(new Uint8Array(Buffer.concat(chunks)))
          .then((reply) => response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    timestampUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  });
  after(async () => {
    server?.close();
    openssl?.remove();
    rmSync(anchors, { recursive: true, force: true });
    await of?.close();
  });

  /** As they are this moment: the folder is looked at anew. */
  const lists = () => new AnchorLists({ directory: anchors, log: silentLog });
  const stamped = async () => {
    const timestamps = foreignTimestamps(
      { timestampUrl },
      { clock: systemClock, anchors: of.authority.foreignAnchors },
    );
    assert.ok(timestamps);
    const stamps = of.stamps({ timestamps });
    const documentId = await uploaded(of, caller, samplePdf());
    const { stampingId } = await stamps.stamp(caller, stampRequest(of, documentId), requestKey(documentId));
    return stamps.document(caller, stampingId);
  };
  const refusedFor = (reason: RegExp) => (error: unknown) =>
    isTrustError(error, 'timestamp-refused') && reason.test(error.message);

  it('are refused when nothing tells the status of its certificate, before a product is made for nothing', async () => {
    await assert.rejects(stamped(), refusedFor(/CRL/));
    assert.equal(asked, 1);
  });

  it('are B-T and good with a list that the operator keeps beside the anchor', async () => {
    writeFileSync(listFile, authority.crl());
    const bytes = await stamped();
    const { verdict, signatures } = await of.judge.judge(bytes);
    assert.equal(verdict.indication, 'TOTAL-PASSED');
    assert.deepEqual([signatures[0]?.report.level, signatures[0]?.report.timeSource], ['B-T', 'time-stamp']);
    rmSync(listFile);
    assert.equal((await of.judge.judge(bytes)).signatures[0]?.report.level, 'B-B', 'the list alone told the status');
  });

  it('are refused with a list that is out of date, of a stranger, or that revokes it', async () => {
    writeFileSync(listFile, authority.crl({ until: '20260102000000Z' }));
    await assert.rejects(stamped(), refusedFor(/out of date/));
    writeFileSync(listFile, await of.authority.crl('root-ca'));
    await assert.rejects(stamped(), refusedFor(/CRL/));
    writeFileSync(listFile, authority.crl({ revoked: true }));
    await assert.rejects(stamped(), refusedFor(/revoked/));
  });

  it('are not held up by a file that is half written: what it held before stands', async () => {
    const kept = new AnchorLists({ directory: anchors, log: silentLog, lookEveryMs: 0 });
    const whole = authority.crl();
    writeFileSync(listFile, whole);
    assert.equal((await kept.current()).length, 1);
    writeFileSync(listFile, whole.subarray(0, 100));
    utimesSync(listFile, moment('2026-01-01T00:00:00Z'), moment('2026-01-01T00:00:00Z'));
    assert.equal((await lists().current()).length, 0, 'to a process that starts now it holds nothing');
    assert.equal((await kept.current()).length, 1);
    assert.deepEqual(await new AnchorLists({ directory: join(anchors, 'none'), log: silentLog }).current(), []);
  });
});
