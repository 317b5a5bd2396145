// The witnesses of the log as the settings name them: `URL KEY, URL KEY`; C2SP tlog-witness, signed-note "Verifier keys".

import type { Witness } from './audit/witness-client.ts';
import { sha256 } from './crypto/digest.ts';
import { equalBytes } from './kernel/bytes.ts';
import { parseVerifierKey, signatureTypes } from './tlog/note.ts';

/** The witnesses, or what is wrong with the text. */
export function readWitnesses(text: string, options: { https: boolean }): Witness[] | string {
  const witnesses: Witness[] = [];
  for (const part of text.split(',').filter((item) => item.trim() !== '')) {
    const [address = '', keyText = '', ...more] = part.trim().split(/\s+/);
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const key = parseVerifierKey(sha256, keyText, signatureTypes.cosignature);
    if (more.length > 0 || url === undefined || !/^https?:$/.test(url.protocol) || url.search || url.hash)
      return 'is a list of `URL KEY`, separated by commas';
    if (options.https && url.protocol !== 'https:') return 'production needs https';
    if (key === undefined) return `${address}: not the verifier key of a witness (signature type 4)`;
    if (witnesses.some((other) => equalBytes(other.key.publicKey, key.publicKey)))
      return `${address}: its key stands there twice`;
    witnesses.push({ url: url.href.replace(/\/+$/, ''), key });
  }
  return witnesses;
}
