// Webhooks: signatures after Standard Webhooks, and which addresses nothing is ever sent to (OWASP API7:2023, RFC 6890).

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { checkedUrl } from '../../../../src/audit/alerts/outgoing-post.ts';
import { isPublicAddress } from '../../../../src/audit/alerts/public-address.ts';
import { spelledSecret, webhookHeaders } from '../../../../src/audit/alerts/webhook-signature.ts';
import { moment } from '../../../../src/kernel/clock.ts';
import { isTrustError } from '../../../../src/kernel/errors.ts';
import { alertRuleNames, alertText, alertWords } from '../../../../src/kernel/words/alerts.ts';

describe('Standard Webhooks, "Signature scheme"', () => {
  // The example that the specification's own reference libraries are tested with.
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: moment(1_614_265_330_000),
    body: '{"test": 2432232314}',
  };

  it('signs identifier, timestamp and body as the published example does', () => {
    assert.deepEqual(webhookHeaders(message, [secret]), {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    assert.equal(spelledSecret(secret), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  });

  it('signs with the present and the former secret during a rotation, separated by a space', () => {
    const former = Buffer.alloc(32, 7);
    const [first, second] = (webhookHeaders(message, [secret, former])['webhook-signature'] ?? '').split(' ');
    assert.equal(first, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    const content = `${message.id}.1614265330.${message.body}`;
    assert.equal(second, `v1,${createHmac('sha256', former).update(content).digest('base64')}`);
  });

  it('signs the bytes of UTF-8', () => {
    const body = '{"name":"告警"}';
    const signature = webhookHeaders({ ...message, body }, [secret])['webhook-signature'];
    const content = Buffer.from(`${message.id}.1614265330.${body}`, 'utf8');
    assert.equal(signature, `v1,${createHmac('sha256', secret).update(content).digest('base64')}`);
  });
});

describe('Addresses that nothing is sent to', () => {
  const production = { loopback: false, internalHosts: ['siem.corp.example:8444', 'hooks.corp.example'] };
  const isRefused = (url: string, rules = production) => {
    try {
      checkedUrl(url, rules);
      return false;
    } catch (error) {
      assert.ok(isTrustError(error, 'webhook-url-refused'), String(error));
      return true;
    }
  };

  it('private, link-local, loopback, shared, reserved and translating addresses are not public', () => {
    const special =
      '0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 168.63.129.16 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 ' +
      ':: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 100::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1';
    for (const address of special.split(' ')) assert.equal(isPublicAddress(address), false, address);
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '223.5.5.5', '2606:4700::1111', '2400:3200::1'])
      assert.equal(isPublicAddress(address), true, address);
    for (const text of ['', 'localhost', '8.8.8', '8.8.8.8 ', '[::1]'])
      assert.equal(isPublicAddress(text), false, text);
  });

  it('an address in figures is judged in whatever spelling it comes', () => {
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '[::1]',
      '[::ffff:7f00:1]',
      '[fd00::1]',
      '169.254.169.254',
      '①②⑦.⓪.⓪.①',
    ])
      assert.equal(isRefused(`https://${host}/hook`), true, host);
    assert.equal(isRefused('https://223.5.5.5/hook'), false);
  });

  it('other schemes, credentials, plain http and ports of other services are refused', () => {
    for (const url of [
      'http://hooks.example.cn/',
      'gopher://hooks.example.cn/',
      'file:///etc/passwd',
      'https://user:pass@hooks.example.cn/',
      'https://hooks.example.cn:22/',
      'https://hooks.example.cn:6379/',
      'hooks.example.cn',
      '',
    ])
      assert.equal(isRefused(url), true, url);
    assert.equal(isRefused('https://hooks.example.cn:8443/a?b=c'), false);
  });

  it('a host of the setting may lie anywhere, over https and on the port that is named', () => {
    assert.equal(isRefused('https://siem.corp.example:8444/hook'), false);
    assert.equal(isRefused('https://siem.corp.example:22/hook'), true);
    assert.equal(isRefused('https://hooks.corp.example:9000/'), false);
    assert.equal(isRefused('http://hooks.corp.example/'), true);
  });

  it('plain http to this machine is for the sandbox only', () => {
    const sandbox = { loopback: true, internalHosts: [] };
    for (const url of ['http://127.0.0.1:9/', 'http://localhost:8080/hook', 'http://[::1]:9/'])
      assert.deepEqual([isRefused(url, sandbox), isRefused(url)], [false, true], url);
    assert.equal(isRefused('http://10.0.0.1/', sandbox), true);
  });
});

describe('Words of alerts', () => {
  it('leave no place unfilled, in both languages', () => {
    const values = {
      count: 7,
      sealId: 'seal_1',
      keyName: 'k',
      proposalId: 'prp_1',
      serial: '0a',
      clientId: 'c',
      fault: 'fork',
    };
    for (const rule of alertRuleNames) {
      const text = alertText(rule, values);
      for (const words of [text, alertWords[rule].name])
        for (const one of Object.values(words)) {
          assert.doesNotMatch(one, /[{}?]/, rule);
          assert.ok(one.length > 4);
        }
    }
    assert.match(alertText('key-first-use', values)['zh-CN'], /密钥 k /);
  });
});
