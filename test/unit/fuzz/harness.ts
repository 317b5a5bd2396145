// One fuzzing run of a reader: any octets give a value or a refusal it is known to give, in bounded time and memory. Seeds are printed.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { damaged, damagedText } from './mutations.ts';

/** The same at every run, so that none fails by luck: others are tried with FUZZ_SEED=<number>, more with FUZZ_RUNS=<times as many>. */
export const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const times = Number(process.env['FUZZ_RUNS'] ?? 1);
const randomRuns = 150 * times;
const damagedRuns = 300 * times;
/** Of processor time, for one reading of up to a megabyte; on a busy machine the wall clock says nothing. */
const maxCpuMs = 10_000;
const maxHeapGrowthBytes = 400 * 1024 * 1024;

export interface Reader<T> {
  readonly name: string;
  /** Octets, or text as Latin-1. */
  readonly read: (octets: Uint8Array) => T;
  /** The codes it may throw; empty when it never throws. */
  readonly refusals: readonly ErrorCode[];
  readonly samples: readonly Uint8Array[];
  /** Further octets to try, each with its own reason. */
  readonly hostile?: Readonly<Record<string, Uint8Array>>;
  /** Called with every value it gives: what must hold of it whatever came in. */
  readonly holds?: (value: T, octets: Uint8Array) => void;
}

/** Defines the tests of one reader. */
export function fuzz<T>({ name, read, refusals, samples, hostile = {}, holds }: Reader<T>): void {
  const attempt = (octets: Uint8Array): void => {
    let value: T;
    try {
      value = read(octets);
    } catch (error) {
      if (isTrustError(error) && refusals.includes(error.code)) return;
      throw error;
    }
    holds?.(value, octets);
  };
  describe(`${name} (fuzz seed ${seed})`, () => {
    it('reads its samples', () => {
      for (const sample of samples) holds?.(read(sample), sample);
    });
    it('gives a value or its refusal for any octets', () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), attempt), { seed, numRuns: randomRuns });
    });
    it('gives a value or its refusal for damaged samples', () => {
      fc.assert(fc.property(damaged(samples), attempt), { seed, numRuns: damagedRuns });
    });
    for (const [why, octets] of Object.entries({ ...bombs, ...hostile })) {
      it(`is done soon with ${why}`, () => assertCheap(() => attempt(octets)));
    }
  });
}

export interface TextReader<T> extends Omit<Reader<T>, 'read' | 'samples' | 'hostile' | 'holds'> {
  readonly read: (text: string) => T;
  readonly samples: readonly string[];
  readonly hostile?: Readonly<Record<string, string>>;
}

/** Defines the tests of a reader of text. */
export function fuzzText<T>({ name, read, refusals, samples, hostile = {} }: TextReader<T>): void {
  const attempt = (text: string): void => {
    try {
      read(text);
    } catch (error) {
      if (!isTrustError(error) || !refusals.includes(error.code)) throw error;
    }
  };
  describe(`${name} (fuzz seed ${seed})`, () => {
    it('reads its samples', () => samples.forEach(read));
    it('gives a value or its refusal for any text', () => {
      const anyText = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }));
      fc.assert(fc.property(anyText, attempt), { seed, numRuns: randomRuns });
    });
    it('gives a value or its refusal for damaged samples', () => {
      fc.assert(fc.property(damagedText(samples), attempt), { seed, numRuns: damagedRuns });
    });
    for (const [why, text] of Object.entries({ ...textBombs, ...hostile })) {
      it(`is done soon with ${why}`, () => assertCheap(() => attempt(text)));
    }
  });
}

function assertCheap(work: () => void): void {
  const heap = process.memoryUsage().heapUsed;
  const before = cpuMs();
  work();
  const spentMs = cpuMs() - before;
  const grownBytes = process.memoryUsage().heapUsed - heap;
  assert.ok(spentMs < maxCpuMs, `it took ${Math.round(spentMs)} ms of processor time`);
  assert.ok(grownBytes < maxHeapGrowthBytes, `it took ${Math.round(grownBytes / 1e6)} MB`);
}

const megabyte = 1024 * 1024;

/** One element of `size` octets of content, under this tag. */
export function element(tag: number, size: number, fill = 0): Uint8Array {
  const out = new Uint8Array(5 + size).fill(fill);
  out.set([tag, 0x83, size >> 16, (size >> 8) & 0xff, size & 0xff]);
  return out;
}

function nested(depth: number): Uint8Array {
  let body: Uint8Array = Uint8Array.of(0x05, 0);
  for (let i = 0; i < depth; i++) {
    const { length } = body;
    const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    body = Uint8Array.from([0x30, ...head, ...body]);
  }
  return body;
}

const bombs: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(),
  'a megabyte of zeros': new Uint8Array(megabyte),
  'a megabyte of ones': new Uint8Array(megabyte).fill(0xff),
  'a megabyte of empty sequences': new Uint8Array(megabyte).map((_, at) => (at % 2 === 0 ? 0x30 : 0)),
  'a megabyte of indefinite lengths': new Uint8Array(megabyte).map((_, at) => (at % 2 === 0 ? 0x30 : 0x80)),
  'an INTEGER of a megabyte': element(0x02, megabyte - 16, 0x41),
  'a SEQUENCE of 300,000 NULLs': element(0x30, 600_000).map((value, at) => (at < 5 ? value : at % 2 === 1 ? 0x05 : 0)),
  'sequences 5,000 deep': nested(5000),
  'a length of four gigabytes': Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x00),
  'a length of more octets than numbers have': Uint8Array.of(0x30, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9),
  'a CBOR array of four billion': Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
  'CBOR arrays 100,000 deep': new Uint8Array(100_000).fill(0x81),
  'a CBOR string of eight exabytes': Uint8Array.of(0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x41),
};

const textBombs: Readonly<Record<string, string>> = {
  nothing: '',
  'a megabyte of one letter': 'A'.repeat(megabyte),
  'a megabyte of line ends': '\n'.repeat(megabyte),
  'a megabyte of spaces and signs': '\u2014 '.repeat(megabyte / 2),
  'a megabyte of digits': '9'.repeat(megabyte),
};
