// Small OFDs made by hand in code, their ZIP written field by field, and a house to judge them in: an SM2 test PKI without a database.

import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/codec/crc32.ts';
import { concatBytes, utf8 } from '../../src/kernel/bytes.ts';
import { OfdJudge } from '../../src/verification/ofd-judge.ts';
import type { SandboxPki } from '../unit/pki/sandbox-pki.ts';
import { judgeOptions, type TestTrust } from './test-trust.ts';

export type Files = Record<string, string | Uint8Array>;

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'xmlns:ofd="http://www.ofdspec.org/2016"';

/** The files of an unsigned OFD; every page bears the same line of text. */
export function ofdFiles({ pageCount = 1, text = '印信测试文件' }: { pageCount?: number; text?: string } = {}): Files {
  const numbers = Array.from({ length: pageCount }, (_, page) => page);
  const pages = numbers.map((page) => `<ofd:Page ID="${page + 1}" BaseLoc="Pages/Page_${page}/Content.xml"/>`);
  const content = `${head}<ofd:Page ${namespace}><ofd:Content><ofd:Layer ID="2000"><ofd:TextObject ID="2001" Boundary="20 30 80 8" Font="3000" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g ${text.length - 1} 5">${text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`;
  return {
    'OFD.xml': `${head}<ofd:OFD ${namespace} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>00000000000000000000000000000001</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`,
    'Doc_0/Document.xml': `${head}<ofd:Document ${namespace}><ofd:CommonData><ofd:MaxUnitID>4000</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>${pages.join('')}</ofd:Pages></ofd:Document>`,
    ...Object.fromEntries(numbers.map((page) => [`Doc_0/Pages/Page_${page}/Content.xml`, content])),
  };
}

export interface ZipPart {
  readonly name: string | Uint8Array;
  readonly content: Uint8Array;
  readonly stored?: boolean;
  /** Changes of the local header alone, by offset of a 16-bit or 32-bit field. */
  readonly local?: (header: DataView) => void;
  readonly central?: (header: DataView) => void;
}

export function parts(files: Files): ZipPart[] {
  return Object.entries(files).map(([name, content]) => ({
    name,
    content: typeof content === 'string' ? utf8(content) : content,
  }));
}

export function zip(files: Files | readonly ZipPart[]): Uint8Array {
  const list = Array.isArray(files) ? (files as readonly ZipPart[]) : parts(files as Files);
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const { name: given, content, stored = false, local: bendLocal, central: bendCentral } of list) {
    const name = typeof given === 'string' ? utf8(given) : given;
    const data = stored ? content : new Uint8Array(deflateRawSync(content));
    const common = new Uint8Array(26);
    const view = new DataView(common.buffer);
    view.setUint16(0, 20, true);
    view.setUint16(2, 0x0800, true);
    view.setUint16(4, stored ? 0 : 8, true);
    view.setUint32(6, 0x5a210000, true);
    view.setUint32(10, crc32(content), true);
    view.setUint32(14, data.length, true);
    view.setUint32(18, content.length, true);
    view.setUint16(22, name.length, true);
    const local = concatBytes(Uint8Array.of(0x50, 0x4b, 3, 4), common);
    bendLocal?.(new DataView(local.buffer));
    const central = concatBytes(Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0), common, new Uint8Array(14));
    const centralView = new DataView(central.buffer);
    centralView.setUint32(42, offset, true);
    bendCentral?.(centralView);
    locals.push(local, name, data);
    centrals.push(central, name);
    offset += local.length + name.length + data.length;
  }
  const directory = concatBytes(...centrals);
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, list.length, true);
  view.setUint16(10, list.length, true);
  view.setUint32(12, directory.length, true);
  view.setUint32(16, offset, true);
  return concatBytes(...locals, directory, end);
}

/** A judge over a test PKI: its root is trusted for everything, no certificate is revoked, and no seal is in the register. */
export function ofdJudge(pki: SandboxPki, options: TestTrust = {}): OfdJudge {
  return new OfdJudge(judgeOptions(pki, options));
}
