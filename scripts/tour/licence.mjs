// A system issues a licence; its printed QR is read by a foreign reader, checked, revoked and tampered with.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, Skipped } from './outcomes.mjs';

const holder = { kind: 'person', name: '测试甲', idType: 'resident-id', idNumber: '990000199003070013' };
const claims = { sex: '男', vehicleClass: 'C1', firstIssuedOn: '2015-06-01', birthdate: '1990-03-07' };

export async function licenceTour({ api, outcomes, outputFolder }) {
  const type = await outcomes.step('a licence type is chosen', async () => {
    const { json } = await api('/licence-types');
    const found = json.items.find(({ claims: items }) => items.some(({ name }) => name === 'vehicleClass'));
    expect(found !== undefined, 'there is no driving licence');
    return [found, `${found.typeCode} ${found.name.en}`];
  });
  const licence = await outcomes.step('a licence is issued', async () => {
    const order = { typeCode: type.typeCode, holder, claims, validFrom: '2025-06-01', validUntil: '2035-06-01' };
    const { json } = await api('/licences', { json: order });
    expect(json.status === 'active', `the licence is ${json.status}`);
    return [json, json.identifier];
  });
  const qr = await outcomes.step('its QR is fetched as text', async () => {
    const { json } = await api(`/licences/${licence.licenceId}/qr`);
    return [json, `${json.form}, ${json.text.length} characters: ${json.text}`];
  });
  const png = await outcomes.step('and as PNG', async () => {
    const { bytes } = await api(`/licences/${licence.licenceId}/qr`, { accept: 'image/png' });
    writeFileSync(join(outputFolder, 'licence-qr.png'), bytes);
    return [bytes, `tour-output/licence-qr.png, ${(bytes.length / 1024).toFixed(1)} kB`];
  });
  await outcomes.step('jsQR reads the picture', async () => {
    const text = await readPicture(png);
    expect(text === qr.text, `it reads ${text}`);
    return [undefined, 'the same text'];
  });
  await checks({ api, outcomes, licence, qr });
  return [
    { action: 'licence.issued', query: `action=licence.issued&outcome=done&objectId=${licence.licenceId}` },
    { action: 'licence.status-changed', query: `action=licence.status-changed&objectId=${licence.licenceId}` },
  ];
}

async function checks({ api, outcomes, licence, qr }) {
  const check = async (text) => (await api('/licence-verifications', { json: { text }, anonymous: true })).json;
  for (const [label, text] of [
    ['the link is verified', qr.text],
    ['the bare form is verified', qr.bare],
  ]) {
    await outcomes.step(label, async () => {
      const report = await check(text);
      expect(report.indication === 'TOTAL-PASSED', JSON.stringify(report));
      return [undefined, `${report.indication}: ${report.status.value}, ${report.licence.typeName.zh}`];
    });
  }
  await outcomes.step('one character changed', async () => {
    const at = Math.floor(qr.bare.length * 0.6);
    const changed = qr.bare.slice(0, at) + (qr.bare[at] === 'A' ? 'B' : 'A') + qr.bare.slice(at + 1);
    const report = await check(changed);
    expect(report.indication === 'TOTAL-FAILED' && report.licence === null, JSON.stringify(report));
    return [
      undefined,
      `${report.indication}: ${report.subIndication ?? report.findings[0]?.code}; nobody's data is shown`,
    ];
  });
  await outcomes.step('the licence is revoked', async () => {
    const { json } = await api(`/licences/${licence.licenceId}/revoke`, { json: { reason: '试用结束' } });
    return [undefined, `${json.status}: audit entry ${json.auditIndex}`];
  });
  await outcomes.step('the same QR is verified again', async () => {
    const report = await check(qr.text);
    expect(report.indication === 'TOTAL-FAILED' && report.status.value === 'revoked', JSON.stringify(report));
    return [undefined, `${report.indication}: ${report.status.value}`];
  });
}

/** pngjs and jsQR are for tests only: a production install has neither. */
async function readPicture(bytes) {
  const readers = await Promise.all([import('pngjs'), import('jsqr')]).catch(() => undefined);
  if (readers === undefined) throw new Skipped('not installed (npm ci)');
  const [{ PNG }, jsqr] = readers;
  const { data, width, height } = PNG.sync.read(bytes);
  const read = jsqr.default.default ?? jsqr.default;
  return read(new Uint8ClampedArray(data), width, height)?.data;
}
