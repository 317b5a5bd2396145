// The licences that the sandbox people hold from the start.

import { createHash } from 'node:crypto';
import type { LicenceOrder } from '../licence/licence-order.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { company, people } from './city.ts';
import { businessLicence, drivingLicence, residentPermit } from './licence-catalogue.ts';

function holderOf(loginName: string): LicenceOrder['holder'] {
  const person = people.find((one) => one.loginName === loginName);
  return { kind: 'person', name: person?.name ?? '', idType: 'resident-id', idNumber: person?.idNumber ?? '' };
}

const orders: readonly LicenceOrder[] = [
  {
    typeCode: residentPermit.typeCode,
    holder: holderOf('citizen1'),
    claims: {
      sex: '男',
      ethnicity: '汉',
      birthdate: '1990-03-07',
      address: '沙箱市测试路 1 号',
      issuedBy: '测试市公安局',
    },
    validFrom: '2026-01-01',
    validUntil: '2046-01-01',
  },
  {
    typeCode: drivingLicence.typeCode,
    holder: holderOf('citizen1'),
    claims: { sex: '男', vehicleClass: 'C1', firstIssuedOn: '2015-06-01', birthdate: '1990-03-07' },
    validFrom: '2025-06-01',
    validUntil: '2035-06-01',
  },
  {
    typeCode: businessLicence.typeCode,
    holder: { kind: 'organisation', name: company.name, idType: 'uscc', idNumber: company.uscc },
    claims: {
      companyType: '有限责任公司',
      legalRepresentative: '测试丁',
      registeredCapitalYuan: 1_000_000,
      establishedOn: '2020-02-20',
      address: '沙箱市测试路 99 号',
      businessScope: '沙箱测试',
    },
    validFrom: '2020-02-20',
    validUntil: null,
  },
];

/** Each with a key of its own, so that a second start issues nothing again. */
export const sampleLicences: readonly { readonly order: LicenceOrder; readonly requestKey: RequestKey }[] = orders.map(
  (order, index) => ({
    order,
    requestKey: {
      owner: 'client:sandbox-system',
      key: `sandbox-licence-${index + 1}`,
      bodySha256: createHash('sha256').update(JSON.stringify(order)).digest(),
    },
  }),
);
