// A licence type (证照类型) as the catalogue describes it: names, defining authority, claims, and how much of the holder a QR code shows (GB/T 36902).

import type { ClaimDefinition, Title } from './claim-schema.ts';

export interface LicenceTypeDefinition {
  /** Social credit code of the defining authority and a number of three digits (GB/T 36904). */
  readonly typeCode: string;
  /** Stands for the type in QR codes. */
  readonly catalogueNumber: number;
  readonly name: Title;
  readonly definingAuthority: { readonly name: Title; readonly uscc: string };
  readonly holderKind: 'person' | 'organisation';
  /** `masked`: a QR code shows the first character of the name only. */
  readonly holderNameInCode: 'full' | 'masked';
  readonly claims: readonly ClaimDefinition[];
}

/** One published version of a type. */
export interface LicenceType extends LicenceTypeDefinition {
  readonly version: number;
}
