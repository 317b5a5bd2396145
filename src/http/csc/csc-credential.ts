// A seal as a credential of the Cloud Signature Consortium; CSC API 2.2, 11.5.

import type { CertificateState } from '../../authority/authority.ts';
import { toBase64, toHex, utf8 } from '../../kernel/bytes.ts';
import { mostDigests } from '../../kernel/credential-details.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { DistinguishedName } from '../../pki/name.ts';
import type { RemoteSeal } from '../../seal/remote/remote-seals.ts';

/** ecdsa-with-SHA256 (RFC 5758, 3.2) and secp256r1 (RFC 5480, 2.1.1.1). */
export const signAlgorithmOid = '1.2.840.10045.4.3.2';
const curveOid = '1.2.840.10045.3.1.7';

export interface CredentialWishes {
  readonly certificates?: 'none' | 'single' | 'chain' | null | undefined;
  readonly certInfo?: boolean | null | undefined;
}

export function credentialJson(seal: RemoteSeal, { kind }: Principal, wishes: CredentialWishes) {
  const { record, certificate, chain, certificateStatus } = seal;
  const { certificates = 'single', certInfo } = wishes;
  const wanted = { none: [], single: [certificate], chain: [certificate, ...chain] }[certificates ?? 'single'];
  const isUsable = record.status === 'active' && certificateStatus === 'good';
  return {
    description: `${record.name}（${record.organisation.name}）; ${record.type}; ${record.sealCode}; ${record.status}`,
    key: {
      status: isUsable ? ('enabled' as const) : ('disabled' as const),
      algo: [signAlgorithmOid],
      len: 256,
      curve: curveOid,
    },
    cert: {
      status: statusOf(certificateStatus),
      ...(wanted.length > 0 && { certificates: wanted.map(({ der }) => toBase64(der)) }),
      ...(certInfo === true && {
        issuerDN: distinguishedName(certificate.issuer),
        serialNumber: certificate.serialHex,
        subjectDN: distinguishedName(certificate.subject),
        validFrom: generalizedTime(certificate.notBefore),
        validTo: generalizedTime(certificate.notAfter),
      }),
    },
    auth: { mode: kind === 'system' ? ('oauth2client' as const) : ('oauth2code' as const), objects: [] },
    SCAL: kind === 'system' ? ('1' as const) : ('2' as const),
    multisign: mostDigests,
    lang: 'zh-CN',
  };
}

/** A certificate that nobody knows anything of cannot be relied on. */
function statusOf(status: CertificateState | 'unknown'): 'valid' | 'expired' | 'revoked' | 'suspended' {
  if (status === 'good') return 'valid';
  if (status === 'on-hold') return 'suspended';
  return status === 'expired' ? 'expired' : 'revoked';
}

/** From the general to the particular, as they are shown here; RFC 4514 writes the other way round. */
const attributes: readonly (readonly [keyof DistinguishedName, string])[] = [
  ['country', 'C'],
  ['stateOrProvince', 'ST'],
  ['locality', 'L'],
  ['organisation', 'O'],
  ['organisationIdentifier', '2.5.4.97'],
  ['organisationalUnit', 'OU'],
  ['serialNumber', '2.5.4.5'],
  ['commonName', 'CN'],
];

export function distinguishedName(name: DistinguishedName): string {
  return attributes
    .flatMap(([key, type]) => {
      const value = name[key];
      if (value === undefined) return [];
      return [type.includes('.') ? `${type}=${hexString(value)}` : `${type}=${escaped(value)}`];
    })
    .toReversed()
    .join(',');
}

/** RFC 4514, 2.4: the value of a type that has no name of its own there is the BER of a string. */
function hexString(value: string): string {
  const bytes = utf8(value);
  const head = bytes.length < 0x80 ? [0x0c, bytes.length] : [0x0c, 0x81, bytes.length];
  return `#${toHex(Uint8Array.of(...head, ...bytes))}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"+,;<>]|^[ #]| $/g, (character) => `\\${character}`);
}

function generalizedTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
}
