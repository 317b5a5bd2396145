// GeneralName: the kinds of names in alternative names, name constraints and distribution points; RFC 5280, 4.2.1.6.

import type { DerElement } from '../codec/der.ts';
import { malformed } from '../codec/der.ts';
import { contextTag, oidOf, onlyChild, primitiveContextTag, tags } from '../codec/der-value.ts';
import { fromUtf8, toHex } from '../kernel/bytes.ts';
import { nameKey } from './name-match.ts';

export type TextNameKind = 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier';

export type GeneralName =
  /** `text` is absent when the octets are no IA5String: such a name matches nothing and must not pass a constraint. */
  | { readonly kind: TextNameKind; readonly text?: string; readonly raw: Uint8Array }
  | { readonly kind: 'directoryName'; readonly name: Uint8Array; readonly raw: Uint8Array }
  | { readonly kind: 'iPAddress'; readonly octets: Uint8Array; readonly raw: Uint8Array }
  | { readonly kind: 'otherName'; readonly type: string; readonly raw: Uint8Array }
  | { readonly kind: 'x400Address' | 'ediPartyName' | 'registeredID'; readonly raw: Uint8Array };

/** More names than any certificate of a person or an office has. */
const maxGeneralNames = 2000;

const textKinds: ReadonlyMap<number, TextNameKind> = new Map([
  [primitiveContextTag(1), 'rfc822Name'],
  [primitiveContextTag(2), 'dNSName'],
  [primitiveContextTag(6), 'uniformResourceIdentifier'],
]);

/** The members of a GeneralNames, whatever its own tag. Throws `malformed-der`. */
export function readGeneralNames(element: DerElement): GeneralName[] {
  const { children } = element;
  if (children.length === 0 || children.length > maxGeneralNames) throw malformed('number of GeneralNames');
  return children.map(readGeneralName);
}

/** Throws `malformed-der`. */
export function readGeneralName(element: DerElement): GeneralName {
  const { tag, raw, content } = element;
  const kind = textKinds.get(tag);
  if (kind !== undefined) {
    const text = fromUtf8(content);
    return text?.length === content.length ? { kind, text, raw } : { kind, raw };
  }
  switch (tag) {
    case contextTag(0): {
      const [type] = element.children;
      if (type === undefined) throw malformed('otherName without a type');
      return { kind: 'otherName', type: oidOf(type), raw };
    }
    case contextTag(3):
      return { kind: 'x400Address', raw };
    case contextTag(4): {
      const name = onlyChild(element, 'directoryName'); // [4] is EXPLICIT: Name is a CHOICE
      if (name.tag !== tags.sequence) throw malformed('directoryName is no Name');
      return { kind: 'directoryName', name: name.raw, raw };
    }
    case contextTag(5):
      return { kind: 'ediPartyName', raw };
    case primitiveContextTag(7):
      return { kind: 'iPAddress', octets: content, raw };
    case primitiveContextTag(8):
      return { kind: 'registeredID', raw };
    default:
      throw malformed(`tag ${tag} is no GeneralName`);
  }
}

/** A text that is equal for two general names exactly when they are the same (RFC 5280, 7). */
export function generalNameKey(name: GeneralName): string {
  return name.kind === 'directoryName' ? directoryNameKey(name.name) : `raw ${toHex(name.raw)}`;
}

/** The key of a directoryName with this Name. */
export function directoryNameKey(name: Uint8Array): string {
  return `directory ${nameKey(name)}`;
}
