// Names: when two are the same, and which an authority may issue for; RFC 5280, 7.1 and 4.2.1.10.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import * as write from '../../../src/codec/der-write.ts';
import { isWithinName, nameKey, sameName } from '../../../src/pki/name-match.ts';
import { isAddressWithin, isHostWithin, isMailboxWithin, isUriWithin } from '../../../src/pki/name-subtree.ts';
import {
  altNames,
  authority,
  codesOf,
  extension,
  forge,
  generalNames,
  judged,
  name,
  nameConstraints,
} from './forge.ts';
import type { Identity } from './sandbox-pki.ts';

const commonName = (value: Uint8Array): Uint8Array =>
  write.sequence(write.setOf(write.sequence(write.oid('2.5.4.3'), value)));

describe('RFC 5280, 7.1: two names', () => {
  const same = (a: Uint8Array, b: Uint8Array) => sameName(commonName(a), commonName(b));

  it('are the same whatever the case, the spaces and the string type', () => {
    assert.equal(same(write.utf8String('Good  CA '), write.printableString('good ca')), true);
    assert.equal(same(write.utf8String('市数据局'), write.utf8String(' 市数据局')), true);
    assert.equal(same(write.utf8String('\u00c5ngstr\u00f6m'), write.utf8String('A\u030angstro\u0308m')), true);
    assert.equal(same(write.utf8String('so\u00adft\u200b'), write.utf8String('soft')), true);
    assert.equal(same(write.utf8String('ab'), write.tlv(0x1e, Uint8Array.of(0, 0x41, 0, 0x42))), true);
  });

  it('are not the same for another text, another attribute, another order or another nesting', () => {
    assert.equal(same(write.utf8String('Good CA'), write.utf8String('GoodCA')), false);
    assert.equal(sameName(name('CN=a'), name('OU=a')), false);
    assert.equal(sameName(name('O=a', 'CN=b'), name('CN=b', 'O=a')), false);
    const pair = (type: string) => write.sequence(write.oid(type), write.utf8String('a'));
    const together = write.sequence(write.setOf(pair('2.5.4.3'), pair('2.5.4.11')));
    assert.equal(sameName(together, name('CN=a', 'OU=a')), false);
  });

  it('with characters that have no agreed meaning are the same octet by octet only', () => {
    assert.equal(same(write.utf8String('\ue000'), write.utf8String('\ue000')), true);
    assert.equal(same(write.utf8String('\ue000A'), write.utf8String('\ue000a')), false);
    assert.equal(same(write.tlv(0x14, Uint8Array.of(0x41)), write.tlv(0x14, Uint8Array.of(0x61))), false);
  });

  it('have keys that are equal exactly when they are the same, for any texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [left, right] = [commonName(write.utf8String(a)), commonName(write.utf8String(b))];
        assert.equal(sameName(left, right), nameKey(left) === nameKey(right));
        assert.equal(sameName(left, Uint8Array.from(left)), true);
      }),
    );
  });

  it('of which one is no name are not the same, and nothing is thrown', () => {
    assert.equal(sameName(Uint8Array.of(0x30, 5), name('CN=a')), false);
    assert.equal(sameName(write.sequence(write.integer(1)), name('CN=a')), false);
    assert.equal(isWithinName(name('O=a', 'CN=b'), name('O=A')), true);
    assert.equal(isWithinName(name('O=a'), name('O=a', 'CN=b')), false);
  });
});

describe('RFC 5280, 4.2.1.10: subtrees', () => {
  it('of hosts hold the host and what stands below it', () => {
    assert.equal(isHostWithin('a.example.com', 'example.com', 'permitted'), true);
    assert.equal(isHostWithin('EXAMPLE.com.', 'example.com', 'permitted'), true);
    assert.equal(isHostWithin('badexample.com', 'example.com', 'permitted'), false);
    assert.equal(isHostWithin('anything.org', '', 'permitted'), true);
    assert.equal(isHostWithin('example.com', '.example.com', 'permitted'), false);
    assert.equal(isHostWithin('example.com', '.example.com', 'excluded'), true);
    assert.equal(isHostWithin('*.example.com', 'a.example.com', 'excluded'), true);
    assert.equal(isHostWithin('*.example.com', 'a.example.com', 'permitted'), false);
    assert.equal(isHostWithin('exa mple.com', 'example.com', 'permitted'), undefined);
  });

  it('of mailboxes are a mailbox, a host or the hosts below', () => {
    assert.equal(isMailboxWithin('a@example.com', 'a@EXAMPLE.com'), true);
    assert.equal(isMailboxWithin('A@example.com', 'a@example.com'), false);
    assert.equal(isMailboxWithin('a@example.com', 'example.com'), true);
    assert.equal(isMailboxWithin('a@sub.example.com', 'example.com'), false);
    assert.equal(isMailboxWithin('a@sub.example.com', '.example.com'), true);
    assert.equal(isMailboxWithin('a@example.com', '.example.com'), false);
    assert.equal(isMailboxWithin('"a@evil.org"@example.com', 'evil.org'), false);
    assert.equal(isMailboxWithin('no mailbox', 'example.com'), undefined);
  });

  it('of URIs are by host, and a URI without a host name cannot be told', () => {
    assert.equal(isUriWithin('https://user@example.com:8443/x', 'example.com'), true);
    assert.equal(isUriWithin('https://a.example.com', 'example.com'), false);
    assert.equal(isUriWithin('https://a.example.com', '.example.com'), true);
    assert.equal(isUriWithin('https://example.com@evil.org/', 'example.com'), false);
    for (const uri of ['urn:x:y', 'https://192.0.2.1/', 'https://[2001:db8::1]/', 'https:///x']) {
      assert.equal(isUriWithin(uri, 'example.com'), undefined, uri);
    }
  });

  it('of addresses are by a mask of ones, then zeros', () => {
    const net = Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0);
    assert.equal(isAddressWithin(Uint8Array.of(192, 0, 2, 9), net), true);
    assert.equal(isAddressWithin(Uint8Array.of(192, 0, 3, 9), net), false);
    assert.equal(isAddressWithin(new Uint8Array(16), net), false);
    assert.equal(isAddressWithin(Uint8Array.of(192, 0, 2, 9), net.with(5, 0)), undefined);
    assert.equal(isAddressWithin(new Uint8Array(5), net), undefined);
  });
});

describe('RFC 5280, 6.1.3 (b), (c): names of a path', () => {
  const ou = generalNames.directory(name('O=XTEXT', 'OU=seals'));

  async function path(constraint: Uint8Array, leafNames: Uint8Array[], subject = name('O=XTEXT', 'OU=seals', 'CN=x')) {
    const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
    const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority(), constraint] });
    const extensions = leafNames.length === 0 ? [] : [altNames(...leafNames)];
    return { root, chain: [await forge({ subject, issuer: ca, extensions }), ca] };
  }

  const codes = ({ root, chain }: { root: Identity; chain: Identity[] }) => codesOf(judged(root, chain));

  it('are those that the authority is permitted', async () => {
    assert.deepEqual(codes(await path(nameConstraints({ permitted: [ou] }), [])), []);
    const other = await path(nameConstraints({ permitted: [ou] }), [], name('O=XTEXT', 'CN=x'));
    assert.deepEqual(codes(other), ['name-not-permitted']);
  });

  it('are not those it is barred from, in the subject or beside it', async () => {
    assert.deepEqual(codes(await path(nameConstraints({ excluded: [ou] }), [])), ['name-excluded']);
    const barred = nameConstraints({ excluded: [generalNames.host('example.com')] });
    assert.deepEqual(codes(await path(barred, [generalNames.host('a.example.com')])), ['name-excluded']);
    assert.deepEqual(codes(await path(barred, [generalNames.host('example.org')])), []);
  });

  it('bind kinds of names that they mention and no others', async () => {
    const permitted = nameConstraints({ permitted: [generalNames.mailbox('example.com')] });
    assert.deepEqual(codes(await path(permitted, [generalNames.host('example.org')])), []);
    assert.deepEqual(codes(await path(permitted, [generalNames.mailbox('a@example.org')])), ['name-not-permitted']);
    const inSubject = await path(permitted, [], name('CN=x', 'E=a@example.org'));
    assert.deepEqual(codes(inSubject), ['name-not-permitted']);
  });

  it('of a form that cannot be compared are refused, not passed', async () => {
    const uri = nameConstraints({ permitted: [generalNames.uri('example.com')] });
    assert.deepEqual(codes(await path(uri, [generalNames.uri('urn:x')])), ['name-constraints-unsupported']);
    const other = nameConstraints({ excluded: [generalNames.other('1.2.3', write.nullValue())] });
    const otherName = generalNames.other('1.2.3', write.nullValue());
    assert.deepEqual(codes(await path(other, [otherName])), ['name-constraints-unsupported']);
    const mailbox = nameConstraints({ permitted: [generalNames.mailbox('example.com')] });
    const smtpUtf8 = generalNames.other('1.3.6.1.5.5.7.8.9', write.utf8String('老师@example.com'));
    assert.deepEqual(codes(await path(mailbox, [smtpUtf8])), ['name-constraints-unsupported']);
    const distance = extension(
      '2.5.29.30',
      write.sequence(write.context(0, write.sequence(ou, write.primitiveContext(1, Uint8Array.of(1))))),
      true,
    );
    assert.deepEqual(codes(await path(distance, [])), ['name-constraints-unsupported']);
  });

  it('of an anchor bind everything below it (RFC 5937)', async () => {
    const extensions = [authority(), nameConstraints({ permitted: [ou] })];
    const root = await forge({ subject: name('CN=Root'), extensions });
    const leaf = await forge({ subject: name('CN=x'), issuer: root });
    assert.deepEqual(codesOf(judged(root, [leaf])), ['name-not-permitted']);
  });

  it('and constraints by the thousand are given up quickly', async () => {
    const many = Array.from({ length: 1900 }, (_, index) => generalNames.host(`h${index}.example`));
    const bound = nameConstraints({ permitted: [generalNames.host('example')], excluded: many });
    const made = await path(
      bound,
      Array.from({ length: 1900 }, (_, index) => generalNames.host(`a${index}.example`)),
    );
    const before = process.cpuUsage(); // on a busy machine the wall clock says nothing
    assert.deepEqual(codes(made), ['name-constraints-unsupported']);
    const { user, system } = process.cpuUsage(before);
    const spentMs = (user + system) / 1000;
    assert.ok(spentMs < 1500, `${spentMs} ms of processor time`);
  });
});
