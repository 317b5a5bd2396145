// Reports as the API answers them, for tests of what people are shown.

export const goodSignature = {
  indication: 'TOTAL-PASSED',
  subIndication: null,
  intact: true,
  valid: true,
  trusted: true,
  coverage: 'whole-file',
  changes: [],
  signingTime: '2026-11-21T09:42:00.000Z',
  timeSource: 'time-stamp',
  format: 'PAdES',
  level: 'B-T',
  seal: {
    sealId: 'seal_01jd0000000000000000000000',
    sealCode: '99000000000001',
    name: '示例市政务服务局公章',
    organisation: { name: '示例市政务服务局', uscc: 'XTEXT00000000000001' },
    status: 'active',
  },
  certificate: {
    subject: 'CN=王经办',
    issuer: 'CN=Sandbox Seal CA',
    serial: '01',
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2029-01-01T00:00:00.000Z',
  },
  findings: [],
};

export const goodDocument = {
  verificationId: 'ver_01jd0000000000000000000000',
  indication: 'TOTAL-PASSED',
  subIndication: null,
  mediaType: 'application/pdf',
  sha256: '00',
  pageCount: 1,
  signatures: [goodSignature],
  findings: [],
  receipt: { entryId: 'ent_01jd0000000000000000000000', auditIndex: 7 },
};

export const goodLicence = {
  verificationId: 'ver_01jd0000000000000000000000',
  indication: 'TOTAL-PASSED',
  subIndication: null,
  form: 'EL1',
  licence: {
    identifier: '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U',
    typeName: { zh: '居住证', en: 'Residence permit' },
    issuerName: '示例市公安局',
    holderName: '张三',
    holderNumberTail: '123X',
    validFrom: '2026-01-01',
    validUntil: '2031-01-01',
    version: 1,
  },
  status: { value: 'active', checkedAt: '2026-11-21T09:42:00.000Z', ageSeconds: 0 },
  findings: [],
  receipt: { entryId: 'ent_01jd0000000000000000000000', auditIndex: 8 },
};

export type Json = unknown;

/** Every report that differs from this one in a single place: the member gone, or another value in its stead. */
export function withOneFault(report: Json, values: readonly Json[]): { path: string; report: Json }[] {
  if (typeof report !== 'object' || report === null) return [];
  return Object.entries(report).flatMap(([name, value]) => {
    const put = (other: Json) =>
      Array.isArray(report) ? report.with(Number(name), other) : { ...report, [name]: other };
    const deeper = withOneFault(value, values).map((fault) => ({
      path: `${name}.${fault.path}`,
      report: put(fault.report),
    }));
    return [...values.map((other) => ({ path: name, report: put(other) })), ...deeper];
  });
}
