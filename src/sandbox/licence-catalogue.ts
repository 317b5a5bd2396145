// Licence types and issuing authorities of the sandbox city; their social credit codes are synthetic (region 990000, XTEXT) and belong to nobody.

import type { IssuerRegistration } from '../licence/issuers.ts';
import type { LicenceTypeDefinition } from '../licence/licence-type.ts';

const police = {
  name: { zh: '测试省公安厅', en: 'Public Security Department of Test Province' },
  uscc: '11990000XTEXT20130',
};
const market = {
  name: { zh: '测试省市场监督管理局', en: 'Market Regulation Administration of Test Province' },
  uscc: '11990000XTEXT2021T',
};

const address = { name: 'address', title: { zh: '住址', en: 'Address' }, kind: 'string', maxLength: 100 } as const;
const sex = { name: 'sex', title: { zh: '性别', en: 'Sex' }, kind: 'enum', values: ['男', '女'] } as const;
const birthdate = { name: 'birthdate', title: { zh: '出生日期', en: 'Date of birth' }, kind: 'date' } as const;

export const residentPermit: LicenceTypeDefinition = {
  typeCode: `${police.uscc}001`,
  catalogueNumber: 1001,
  name: { zh: '测试居民证', en: 'Test Resident Permit' },
  definingAuthority: police,
  holderKind: 'person',
  holderNameInCode: 'masked',
  claims: [
    { ...sex, required: true },
    { name: 'ethnicity', title: { zh: '民族', en: 'Ethnicity' }, kind: 'string', required: true, maxLength: 20 },
    { ...birthdate, required: true },
    { ...address, required: true },
    { name: 'issuedBy', title: { zh: '签发机关', en: 'Issued by' }, kind: 'string', required: false, maxLength: 60 },
  ],
};

export const drivingLicence: LicenceTypeDefinition = {
  typeCode: `${police.uscc}002`,
  catalogueNumber: 1002,
  name: { zh: '测试机动车驾驶证', en: 'Test Driving Licence' },
  definingAuthority: police,
  holderKind: 'person',
  holderNameInCode: 'full',
  claims: [
    {
      name: 'vehicleClass',
      title: { zh: '准驾车型', en: 'Class' },
      kind: 'string',
      required: true,
      pattern: '(?:A[123]|B[12]|C[123456]|[DEFMNP])+',
      maxLength: 20,
    },
    { name: 'firstIssuedOn', title: { zh: '初次领证日期', en: 'Date of first issue' }, kind: 'date', required: true },
    {
      name: 'fileNumber',
      title: { zh: '档案编号', en: 'File number' },
      kind: 'string',
      required: false,
      pattern: '[0-9]{12}',
      maxLength: 12,
    },
    { ...sex, required: true },
    { ...birthdate, required: true },
    { ...address, required: false },
  ],
};

export const businessLicence: LicenceTypeDefinition = {
  typeCode: `${market.uscc}001`,
  catalogueNumber: 2001,
  name: { zh: '测试营业执照', en: 'Test Business Licence' },
  definingAuthority: market,
  holderKind: 'organisation',
  holderNameInCode: 'full',
  claims: [
    {
      name: 'companyType',
      title: { zh: '类型', en: 'Type' },
      kind: 'enum',
      required: true,
      values: ['有限责任公司', '股份有限公司', '个人独资企业', '合伙企业', '个体工商户'],
    },
    {
      name: 'legalRepresentative',
      title: { zh: '法定代表人', en: 'Legal representative' },
      kind: 'string',
      required: true,
      maxLength: 60,
    },
    {
      name: 'registeredCapitalYuan',
      title: { zh: '注册资本(元)', en: 'Registered capital (yuan)' },
      kind: 'integer',
      required: true,
    },
    { name: 'establishedOn', title: { zh: '成立日期', en: 'Established on' }, kind: 'date', required: true },
    { ...address, title: { zh: '住所', en: 'Domicile' }, required: true },
    {
      name: 'businessScope',
      title: { zh: '经营范围', en: 'Scope of business' },
      kind: 'string',
      required: true,
      maxLength: 1000,
    },
  ],
};

export const sandboxLicenceTypes: readonly LicenceTypeDefinition[] = [residentPermit, drivingLicence, businessLicence];

export const sandboxLicenceIssuers: readonly IssuerRegistration[] = [
  {
    issuerCode: '11990000XTEXT1010F',
    name: { zh: '测试市公安局', en: 'Public Security Bureau of Test City' },
    typeCodes: [residentPermit.typeCode, drivingLicence.typeCode],
    keyName: 'licence-issuer-police',
  },
  {
    issuerCode: '11990000XTEXT1029C',
    name: { zh: '测试市市场监督管理局', en: 'Market Regulation Bureau of Test City' },
    typeCodes: [businessLicence.typeCode],
    keyName: 'licence-issuer-market',
  },
];
