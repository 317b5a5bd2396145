// Ways of damaging octets: at random, and inside DER with all lengths kept right, so that the damage gets past the reader of DER.

import * as fc from 'fast-check';
import type { DerElement } from '../../../src/codec/der.ts';
import { readDer } from '../../../src/codec/der.ts';
import { tlv } from '../../../src/codec/der-write.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';

/** Given the octets of a good sample, damaged ones; the same call always damages alike. */
type Damage = (sample: Uint8Array) => Uint8Array;

const interesting = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff, 0x30, 0x31, 0xa0, 0x05, 0x02];
const octet = fc.oneof(fc.nat(255), fc.constantFrom(...interesting));

const blind: fc.Arbitrary<Damage> = fc
  .record({
    kind: fc.constantFrom('set', 'flip', 'insert', 'remove', 'repeat', 'cut', 'append'),
    at: fc.nat(1_000_000),
    size: fc.integer({ min: 1, max: 40 }),
    octet,
  })
  .map(({ kind, at: anywhere, size, octet: value }) => (sample: Uint8Array) => {
    const at = sample.length === 0 ? 0 : anywhere % sample.length;
    const [before, here, after] = [sample.slice(0, at), sample.slice(at, at + size), sample.slice(at + size)];
    switch (kind) {
      case 'set':
        return sample.length === 0 ? sample : sample.with(at, value);
      case 'flip':
        return sample.length === 0 ? sample : sample.with(at, (sample[at] ?? 0) ^ (1 << (value & 7)));
      case 'insert':
        return concatBytes(before, new Uint8Array(size).fill(value), here, after);
      case 'remove':
        return concatBytes(before, after);
      case 'repeat':
        return concatBytes(before, here, here, after);
      case 'cut':
        return before;
      default:
        return concatBytes(sample, new Uint8Array(size).fill(value));
    }
  });

/** A DER element that can be changed; `lead` is the count of unused bits before DER inside a BIT STRING. */
interface Node {
  tag: number;
  content: Uint8Array;
  children: Node[];
  lead: Uint8Array;
}

/** Contents that break some rule of some type: empty, zero, minus one, beyond 20 octets, beyond any number, no text. */
const hostileContents = [
  new Uint8Array(),
  Uint8Array.of(0),
  Uint8Array.of(0xff),
  Uint8Array.of(0x80, 0),
  new Uint8Array(21).fill(0x7f),
  new Uint8Array(70).fill(0x81),
  new Uint8Array(9000).fill(0x41),
  new Uint8Array(12).fill(0xc3),
];
const hostileTags = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa3];

const informed: fc.Arbitrary<Damage> = fc
  .record({
    kind: fc.constantFrom('content', 'tag', 'remove', 'repeat', 'empty', 'reverse', 'copy', 'wrap', 'octet'),
    node: fc.nat(1_000_000),
    other: fc.nat(1_000_000),
    octet,
  })
  .map((choice) => (sample: Uint8Array) => {
    const root = nodeOf(sample);
    if (root === undefined) return sample;
    const nodes = everyNode(root);
    const pick = (number: number): Node => nodes[number % nodes.length] ?? root;
    damageNode(pick(choice.node), pick(choice.other), choice);
    return encoded(root, 60);
  });

function damageNode(node: Node, other: Node, choice: { kind: string; other: number; octet: number }): void {
  switch (choice.kind) {
    case 'content':
      node.children = [];
      node.content = hostileContents[choice.other % hostileContents.length] ?? new Uint8Array();
      break;
    case 'tag':
      node.tag = hostileTags[choice.other % hostileTags.length] ?? choice.octet;
      break;
    case 'remove':
      node.children.splice(choice.other % Math.max(1, node.children.length), 1);
      break;
    case 'repeat':
      node.children.push(...node.children.slice(0, 50));
      break;
    case 'empty':
      node.children = [];
      node.content = new Uint8Array();
      break;
    case 'reverse':
      node.children.reverse();
      break;
    case 'copy':
      node.children = other.children.slice(); // may hold itself: `encoded` ends at a depth
      node.content = other.content;
      node.tag = other.tag;
      break;
    case 'wrap':
      node.children = [{ ...node, children: node.children.slice() }];
      node.tag = 0x30;
      break;
    default: {
      const at = choice.other % Math.max(1, node.content.length);
      if (node.content.length > 0) node.content = node.content.with(at, choice.octet);
    }
  }
}

/** A sample damaged one to four times, in both manners. */
export function damaged(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.oneof(blind, informed), { minLength: 1, maxLength: 4 }))
    .map(([sample, damages]) => damages.reduce<Uint8Array>((octets, damage) => damage(octets), sample));
}

/** Text samples: the same damage over their octets, read as Latin-1 so that anything can come out. */
export function damagedText(samples: readonly string[]): fc.Arbitrary<string> {
  const octets = samples.map((sample): Uint8Array => new Uint8Array(Buffer.from(sample, 'latin1')));
  return fc
    .tuple(fc.constantFrom(...octets), fc.array(blind, { minLength: 1, maxLength: 4 }))
    .map(([sample, damages]) => damages.reduce<Uint8Array>((some, damage) => damage(some), sample))
    .map((some) => Buffer.from(some).toString('latin1'));
}

function nodeOf(bytes: Uint8Array): Node | undefined {
  try {
    return fromElement(readDer(bytes));
  } catch {
    return undefined;
  }
}

function fromElement({ tag, content, children }: DerElement): Node {
  const node: Node = { tag, content, children: children.map(fromElement), lead: new Uint8Array() };
  // Extensions, keys and signatures are DER inside strings.
  const lead = tag === 0x03 && content[0] === 0 ? 1 : 0;
  const inside = tag === 0x04 || lead === 1 ? nodeOf(content.subarray(lead)) : undefined;
  return inside === undefined ? node : { ...node, children: [inside], lead: content.subarray(0, lead) };
}

function everyNode(root: Node): Node[] {
  return [root, ...root.children.flatMap(everyNode)];
}

function encoded({ tag, content, children, lead }: Node, depth: number): Uint8Array {
  if (children.length === 0 || depth === 0) return tlv(tag, content);
  return tlv(tag, lead, ...children.map((child) => encoded(child, depth - 1)));
}
