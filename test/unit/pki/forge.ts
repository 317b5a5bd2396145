// Certificates and CRLs that no lint of ours would let pass, properly signed: what other people's authorities could send us.

import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import * as write from '../../../src/codec/der-write.ts';
import { readDer } from '../../../src/codec/der.ts';
import { extensionOids } from '../../../src/codec/oids.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import type { Crl } from '../../../src/pki/crl.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import type { PathRequest, PathResult } from '../../../src/pki/path.ts';
import { validatePath } from '../../../src/pki/path.ts';
import type { Identity } from './sandbox-pki.ts';
import { allGood, at, memorySigner, notBefore } from './sandbox-pki.ts';

const ecdsaWithSha256 = write.sequence(write.oid('1.2.840.10045.4.3.2'));

/** Relative names, from the general to the particular: `CN=x`, `OU=x`, `O=x`, `E=x`. */
export function name(...parts: readonly string[]): Uint8Array {
  const types: Record<string, string> = { CN: '2.5.4.3', OU: '2.5.4.11', O: '2.5.4.10', E: '1.2.840.113549.1.9.1' };
  return write.sequence(
    ...parts.map((part) => {
      const [type = '', value = ''] = part.split('=');
      const text = type === 'E' ? write.ia5String(value) : write.utf8String(value);
      return write.setOf(write.sequence(write.oid(types[type] ?? ''), text));
    }),
  );
}

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return write.sequence(write.oid(oid), ...(critical ? [write.boolean(true)] : []), write.octetString(value));
}

export const generalNames = {
  mailbox: (text: string) => write.primitiveContext(1, utf8(text)),
  host: (text: string) => write.primitiveContext(2, utf8(text)),
  directory: (der: Uint8Array) => write.context(4, der),
  uri: (text: string) => write.primitiveContext(6, utf8(text)),
  address: (...octets: number[]) => write.primitiveContext(7, Uint8Array.from(octets)),
  other: (type: string, value: Uint8Array) => write.context(0, write.oid(type), write.context(0, value)),
} as const;

export const authority = (pathLength?: number): Uint8Array =>
  extension(
    extensionOids.basicConstraints,
    write.sequence(write.boolean(true), ...(pathLength === undefined ? [] : [write.integer(pathLength)])),
    true,
  );

export const usage = (...bits: number[]): Uint8Array => extension(extensionOids.keyUsage, write.namedBits(bits), true);

export const policies = (...oids: string[]): Uint8Array =>
  extension(extensionOids.certificatePolicies, write.sequence(...oids.map((oid) => write.sequence(write.oid(oid)))));

export const mappings = (...pairs: readonly (readonly [string, string])[]): Uint8Array =>
  extension(
    extensionOids.policyMappings,
    write.sequence(...pairs.map(([from, to]) => write.sequence(write.oid(from), write.oid(to)))),
  );

export const requireExplicit = (count: number): Uint8Array =>
  extension(
    extensionOids.policyConstraints,
    write.sequence(write.primitiveContext(0, write.integerContent(BigInt(count)))),
    true,
  );

export const altNames = (...names: Uint8Array[]): Uint8Array =>
  extension(extensionOids.subjectAltName, write.sequence(...names));

export const nameConstraints = (lists: { permitted?: Uint8Array[]; excluded?: Uint8Array[] }): Uint8Array => {
  const subtrees = (number: number, list: Uint8Array[] | undefined): Uint8Array[] =>
    list === undefined ? [] : [write.context(number, ...list.map((base) => write.sequence(base)))];
  return extension(
    extensionOids.nameConstraints,
    write.sequence(...subtrees(0, lists.permitted), ...subtrees(1, lists.excluded)),
    true,
  );
};

export interface Draft {
  readonly subject: Uint8Array;
  /** Absent: self-signed. */
  readonly issuer?: Identity;
  /** The key of the subject; a new one by default. */
  readonly signer?: Identity['signer'];
  readonly serial?: number;
  readonly extensions?: readonly Uint8Array[];
  readonly notAfter?: Date;
}

export async function forge(draft: Draft): Promise<Identity> {
  const { subject, issuer, signer = memorySigner('issuing-ca'), serial = 1, extensions = [] } = draft;
  const { notAfter = moment('2040-01-01T00:00:00Z') } = draft;
  const tbs = write.sequence(
    write.context(0, write.integer(2)),
    write.integer(serial),
    ecdsaWithSha256,
    issuer?.certificate.subjectDer ?? subject,
    write.sequence(write.certificateTime(notBefore), write.certificateTime(notAfter)),
    subject,
    signer.spki,
    ...(extensions.length === 0 ? [] : [write.context(3, write.sequence(...extensions))]),
  );
  return { signer, certificate: parseCertificate(await signed(tbs, issuer?.signer ?? signer)) };
}

/** The certificate of `base` with its signed part replaced by `tbs`, signed by `issuer`; DER, as it may be unreadable. */
export async function signed(tbs: Uint8Array, signer: Identity['signer']): Promise<Uint8Array> {
  return write.sequence(tbs, ecdsaWithSha256, write.bitString(await signer.sign(tbs, 'der')));
}

export interface CrlDraft {
  readonly issuer: Identity;
  readonly entries?: readonly { serial: number; reason?: number; issuer?: Uint8Array; extra?: Uint8Array }[];
  readonly number?: number;
  readonly extensions?: readonly Uint8Array[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
}

export async function forgeCrl(draft: CrlDraft): Promise<Crl> {
  const { issuer, entries = [], number = 1, extensions = [], thisUpdate = addSeconds(at, -60) } = draft;
  const { nextUpdate = addSeconds(at, 3600) } = draft;
  const list = entries.map(({ serial, reason, issuer: certificateIssuer, extra }) => {
    const own = [
      ...(reason === undefined
        ? []
        : [extension(extensionOids.reasonCode, write.tlv(0x0a, write.integerContent(BigInt(reason))))]),
      ...(certificateIssuer === undefined
        ? []
        : [
            extension(extensionOids.certificateIssuer, write.sequence(generalNames.directory(certificateIssuer)), true),
          ]),
      ...(extra === undefined ? [] : [extra]),
    ];
    const time = write.certificateTime(addSeconds(at, -3600));
    return write.sequence(write.integer(serial), time, ...(own.length === 0 ? [] : [write.sequence(...own)]));
  });
  const tbs = write.sequence(
    write.integer(1),
    ecdsaWithSha256,
    issuer.certificate.subjectDer,
    write.certificateTime(thisUpdate),
    write.certificateTime(nextUpdate),
    ...(list.length === 0 ? [] : [write.sequence(...list)]),
    write.context(0, write.sequence(extension(extensionOids.crlNumber, write.integer(number)), ...extensions)),
  );
  return parseCrl(await signed(tbs, issuer.signer));
}

/** `leaf`, then the certificates between it and `root`. */
export function judged(root: Identity, chain: readonly Identity[], change: Partial<PathRequest> = {}): PathResult {
  const [leaf, ...intermediates] = chain.map(({ certificate }) => certificate);
  if (leaf === undefined) throw new Error('a path without a leaf');
  const anchors: Certificate[] = [root.certificate];
  return validatePath({ leaf, intermediates, anchors, at, purpose: 'any', revocation: allGood, ...change });
}

export function codesOf({ findings }: PathResult): string[] {
  return findings.map(({ code }) => code);
}

/** The members of the TBSCertificate of `certificate`. */
export function membersOf({ tbs }: Certificate): Uint8Array[] {
  return readDer(tbs).children.map(({ raw }) => raw);
}
