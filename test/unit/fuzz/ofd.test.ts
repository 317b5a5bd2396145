// Readers of OFD and of SES signatures that strangers' octets reach: any octets give a value or their refusal.

import assert from 'node:assert/strict';
import { readOfd } from '../../../src/ofd/document.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { filesOfSignature, listSignatures } from '../../../src/ofd/signatures.ts';
import { readXml } from '../../../src/ofd/xml.ts';
import { parseSesSignature } from '../../../src/seal/ses/ses-signature.ts';
import { ofdFiles, parts, zip } from '../../support/ofd-samples.ts';
import { signedOfd } from '../../support/ofd-signing.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';
import { fuzz } from './harness.ts';

const signed = await signedOfd(await sandboxPki('SM2'), zip(ofdFiles()));
const opened = OfdPackage.open(signed);
const stored = zip(
  opened.names.flatMap((name) => parts({ [name]: opened.content(name) })).map((part) => ({ ...part, stored: true })),
);
const refusals = ['malformed-ofd', 'unsupported-ofd'] as const;

fuzz({
  name: 'readOfd',
  read: (octets: Uint8Array) => {
    const file = readOfd(OfdPackage.open(octets));
    return listSignatures(file).flatMap((listed) => filesOfSignature(file.package, listed));
  },
  refusals,
  samples: [signed, stored],
});
const description = opened.content('Doc_0/Signs/Sign_0/Signature.xml');
fuzz({
  name: 'readXml',
  read: (octets: Uint8Array) => readXml(octets, 'Signature.xml'),
  refusals,
  samples: [description, opened.content('OFD.xml')],
  holds: ({ text, root }) => assert.equal(text.slice(root.start, root.start + 1), '<'),
});
fuzz({
  name: 'parseSesSignature',
  read: parseSesSignature,
  refusals: ['malformed-der'],
  samples: [opened.content('Doc_0/Signs/Sign_0/SignedValue.dat')],
});
