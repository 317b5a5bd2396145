// Whether bytes are an entry of this service, quickly: what is spelled as the service spells it needs no parser.

import { parseLeaf } from './leaf.ts';

const text = '"[ !#-\\[\\]-~]*"'; // printable ASCII without quote and backslash: in JSON it has one spelling only
const commitment = '"[\\w-]{43}"';
const value = `(?:${text}|0|-?[1-9]\\d{0,14}|true|false)`;
const facts = `\\{(?:"\\w+":${value}(?:,"\\w+":${value})*)?\\}`;

/** The members of a leaf in their order; RFC 8785. */
const members = [
  `(?:"about":${commitment},)?`,
  '"action":"[a-z.-]+",',
  `(?:"actor":${commitment},)?`,
  `(?:"client":${text},)?`,
  `(?:"code":${text},)?`,
  '"events":[1-9]\\d{0,8},',
  `(?:"facts":(${facts}),)?`,
  '"id":"ent_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}"',
  '(?:,"level":[0-5])?',
  `(?:,"object":${text})?`,
  `(?:,"organisation":${text})?`,
  ',"outcome":"[a-z]+"',
  `(?:,"sha256":${commitment})?`,
  `(?:,"subject":${text})?`,
  ',"v":2',
];
const shape = new RegExp(`^\\{${members.join('')}\\}$`);

/** The same answer as parseLeaf, at a tenth of the cost for the leaves that are common. */
export function isLeaf(bytes: Uint8Array): boolean {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const spelled = buffer.toString('latin1');
  const match = shape.exec(spelled);
  return (match !== null && isSorted(match[1])) || parseLeaf(bytes) !== undefined;
}

/** Members of one object stand in the order of their names (RFC 8785, 3.2.3). Texts hold no quotes here, so `":` only ends a name. */
function isSorted(spelled: string | undefined): boolean {
  if (spelled === undefined) return true;
  let before = '';
  for (let end = spelled.indexOf('":'); end >= 0; end = spelled.indexOf('":', end + 1)) {
    const name = spelled.slice(spelled.lastIndexOf('"', end - 1) + 1, end);
    if (name <= before) return false;
    before = name;
  }
  return true;
}
