// The sandbox city (沙箱市): people, organisations, mandates and clients that are synthetic beyond doubt; region code 99 does not exist.

import { credentialTypes } from '../kernel/credential-details.ts';
import type { ClientRegistration } from '../identity/clients/client-registration.ts';
import type { Evidence } from '../identity/accounts/accounts.ts';
import type { MandateScope } from '../kernel/mandate-scopes.ts';
import type { Scope } from '../kernel/principal.ts';
import type { Role } from '../kernel/principal.ts';

/** The password of every sandbox person. Production mode refuses the accounts' keys altogether. */
export const sandboxPassword = 'sandbox-Pass-2026';

export interface SandboxPerson {
  readonly loginName: string;
  readonly name: string;
  readonly idNumber: string;
  readonly level: 1 | 4;
  readonly roles: readonly Role[];
  /** Acts for the sandbox company under a mandate (经办人). */
  readonly actsForCompany?: readonly MandateScope[];
  readonly actsForTrader?: readonly MandateScope[];
}

export const people: readonly SandboxPerson[] = [
  { loginName: 'citizen1', name: '测试甲', idNumber: '990000199003070013', level: 4, roles: [] },
  { loginName: 'citizen2', name: '测试乙', idNumber: '990000198511120035', level: 1, roles: [] },
  {
    loginName: 'clerk1',
    name: '测试丙',
    idNumber: '990000197806150026',
    level: 4,
    roles: ['clerk'],
    actsForCompany: ['seal:read', 'seal:use', 'seal:apply', 'licence:apply', 'licence:receive'],
  },
  {
    loginName: 'approver1',
    name: '测试丁',
    idNumber: '990000198209200042',
    level: 4,
    roles: ['approver'],
    actsForCompany: ['seal:read', 'seal:approve'],
  },
  { loginName: 'auditor1', name: '测试戊', idNumber: '990000197504010052', level: 4, roles: ['auditor'] },
  { loginName: 'admin1', name: '测试己', idNumber: '990000198008080064', level: 4, roles: ['administrator'] },
  { loginName: 'admin2', name: '测试庚', idNumber: '990000198109090077', level: 4, roles: ['administrator'] },
  // The register names them the legal representative of the company (法定代表人).
  { loginName: 'legal1', name: '测试子', idNumber: '990000198505050018', level: 4, roles: [] },
  // Acts for two organisations, and so is asked for whom at each sign-in.
  {
    loginName: 'agent1',
    name: '测试丑',
    idNumber: '99000019880808002X',
    level: 4,
    roles: [],
    actsForCompany: ['seal:read', 'licence:apply'],
    actsForTrader: ['licence:apply', 'licence:receive'],
  },
];

/** Level 1 rests on the account alone; level 4 on the population register and a face comparison that expires (docs/levels.md). */
export function evidenceOf(level: 1 | 4, faceExpiresAt: Date): Evidence[] {
  if (level === 1) return [{ level: 1, method: 'phone' }];
  return [
    { level: 3, method: 'population-register' },
    { level: 4, method: 'face', expiresAt: faceExpiresAt },
  ];
}

/** Whom the sandbox's population register knows: those with accounts, and some who have yet to register. */
export const registeredPeople: readonly { readonly name: string; readonly idNumber: string }[] = [
  ...people,
  { name: '测试辛', idNumber: '990000199202140010' },
  { name: '测试壬', idNumber: '990000198810030021' },
  { name: '测试癸', idNumber: '99000020000229001X' },
];

export const company = { uscc: '91990000XTEXT000XQ', name: '沙箱市测试科技有限公司' };
export const dataBureau = { uscc: '11990000XTEXT0026U', name: '沙箱市数据局' };
export const trader = { uscc: '91990000XTEXT0018Q', name: '沙箱市样例贸易有限公司' };
export const organisations = [company, dataBureau, trader];

/** Login name of whom the register of organisations names as the representative of the company. */
export const representative = 'legal1';
export const registeredOrganisations = people
  .filter(({ loginName }) => loginName === representative)
  .map((person) => ({ ...company, representative: person }));

/** Seals that are there from the start; codes are six digits of the region and eight of the seal. */
export const seals = [
  { sealCode: '99000000000001', name: '沙箱市测试科技有限公司', type: 'unit' as const, organisation: company },
  {
    sealCode: '99000000000002',
    name: '沙箱市测试科技有限公司合同专用章',
    type: 'contract' as const,
    title: '合同专用章',
    organisation: company,
  },
  { sealCode: '99000000000003', name: '沙箱市数据局', type: 'unit' as const, organisation: dataBureau },
  {
    sealCode: '99000000000004',
    name: '沙箱市数据局电子文件专用章',
    type: 'special' as const,
    title: '电子文件专用章',
    organisation: dataBureau,
    suite: 'gm' as const,
  },
  {
    sealCode: '99000000000005',
    name: '沙箱市数据局涉外文书专用章',
    type: 'special' as const,
    title: '涉外文书专用章',
    organisation: dataBureau,
    suite: 'both' as const,
  },
];

const systemScopes: readonly Scope[] = [
  'seal.read',
  'seal.stamp',
  'licence.read',
  'licence.issue',
  'licence.manage',
  'verify',
  'audit.read',
  'service',
  'credential',
];

export const clients: readonly ClientRegistration[] = [
  {
    clientId: 'sandbox-system',
    kind: 'system',
    name: '沙箱业务系统',
    nameEn: 'Sandbox business system',
    secret: 'sandbox-system-secret',
    apiScopes: systemScopes,
  },
  {
    // Apart from the business system: whoever holds certificates can stop seals.
    clientId: 'sandbox-pki',
    kind: 'system',
    name: '沙箱证书管理',
    nameEn: 'Sandbox certificate management',
    secret: 'sandbox-pki-secret',
    apiScopes: ['pki.read', 'pki.manage'],
  },
  {
    // The superior register, which pulls the changes of status of all seals.
    clientId: 'sandbox-register',
    kind: 'system',
    name: '沙箱上级印章平台',
    nameEn: 'Sandbox superior register of seals',
    secret: 'sandbox-register-secret',
    apiScopes: ['seal.feed'],
  },
  {
    // Signing software of somebody else (docs/csc.md): people allow it digests.
    clientId: 'sandbox-signer',
    kind: 'confidential',
    name: '沙箱签章软件',
    nameEn: 'Sandbox signing software',
    secret: 'sandbox-signer-secret',
    redirectUris: ['http://localhost:8765/callback', 'http://127.0.0.1:8765/callback'],
    apiScopes: ['service', 'credential'],
    authorizationDetailsTypes: [...credentialTypes],
  },
  {
    clientId: 'sandbox-web',
    kind: 'public',
    name: '沙箱网页应用',
    nameEn: 'Sandbox web application',
    redirectUris: ['http://localhost:8765/callback', 'http://127.0.0.1:8765/callback'],
    apiScopes: [
      'mandate.read',
      'mandate.manage',
      'seal.read',
      'seal.stamp',
      'seal.approve',
      'seal.apply',
      'seal.manage',
      'licence.read',
      'verify',
      'audit.read',
      'pki.read',
      'pki.manage',
      'identity.read',
      'identity.manage',
    ],
    offlineAccess: true,
  },
];
