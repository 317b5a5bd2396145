// The two spellings of an EL1 code: a link whose fragment holds base32 (any camera opens it, nothing reaches a server), and bare `EL1:` with base45.

import { fromBase32, toBase32 } from '../codec/base32.ts';
import { fromBase45, toBase45 } from '../codec/base45.ts';
import { inflateZlib } from '../codec/inflate.ts';
import { fault, type Outcome, success } from './outcome.ts';

/** Ends the payload of a link: outside base32, allowed in a fragment (RFC 3986 3.5), alphanumeric in QR, and not dropped by programs that turn text into links. */
const endMark = '-';
const bareStart = 'EL1:';
const linkStart = 'EL1.';
/** More than the largest QR symbol holds (4296 alphanumeric characters) was never scanned. */
const maxTextLength = 4296;
/** Largest code after inflation. */
const maxCodeBytes = 4096;

export interface El1Spellings {
  /** `PUBLIC_URL/v#EL1.<base32>-`, what is shown and printed. */
  readonly link: string;
  /** `EL1:<base45>`. */
  readonly bare: string;
}

export function spellEl1(code: Uint8Array, publicUrl: string): El1Spellings {
  return {
    link: `${linkPrefix(publicUrl)}${linkStart}${toBase32(code)}${endMark}`,
    bare: bareStart + toBase45(code),
  };
}

/** Whether a text means to be a licence code, so that reading it deserves a report and not a refusal. */
export function looksLikeLicenceCode(text: string, publicUrl: string): boolean {
  return (
    /^EL[0-9]:/.test(text) || /#EL[0-9]\./.test(text.slice(0, maxTextLength)) || text.startsWith(linkPrefix(publicUrl))
  );
}

/**
 * The bytes that a text spells. Whatever follows the end mark of a link is ignored: programs append their own parameters.
 * Findings: `text-too-long`, `link-foreign` (not our address: a look-alike must not pass even with a genuine code behind
 * it), `form-not-supported`, `end-mark-missing`, `base32-malformed`, `base45-malformed`, `compression-malformed`.
 */
export function readEl1Text(text: string, publicUrl: string): Outcome<Uint8Array> {
  if (text.length > maxTextLength) return fault('text-too-long', 'longer than any QR symbol holds');
  if (/^EL[0-9]:/.test(text)) {
    return text.startsWith(bareStart) ? readBare(text.slice(bareStart.length)) : unsupported();
  }
  const prefix = linkPrefix(publicUrl);
  if (!text.startsWith(prefix)) return fault('link-foreign', 'the link does not lead to this service');
  const fragment = text.slice(prefix.length);
  return fragment.startsWith(linkStart) ? readFragment(fragment.slice(linkStart.length)) : unsupported();
}

function linkPrefix(publicUrl: string): string {
  return `${publicUrl}/v#`;
}

function unsupported(): Outcome<never> {
  return fault('form-not-supported', 'not the form EL1');
}

function readBare(payload: string): Outcome<Uint8Array> {
  try {
    return unpack(fromBase45(payload));
  } catch {
    return fault('base45-malformed', 'the payload is not base45');
  }
}

function readFragment(fragment: string): Outcome<Uint8Array> {
  const end = fragment.indexOf(endMark);
  if (end < 0) return fault('end-mark-missing', 'the link was cut off');
  try {
    return unpack(fromBase32(fragment.slice(0, end)));
  } catch {
    return fault('base32-malformed', 'the payload is not base32');
  }
}

/** 0x78 begins zlib data; whoever makes codes may compress them where that makes them shorter. */
function unpack(payload: Uint8Array): Outcome<Uint8Array> {
  if (payload[0] !== 0x78) return success(payload);
  const code = inflateZlib(payload, maxCodeBytes);
  return code === undefined ? fault('compression-malformed', 'damaged or too large zlib data') : success(code);
}
