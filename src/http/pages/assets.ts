// Files that pages load from /assets: the stylesheet, the icon and what Vite built, each file of it named by its digest.

import express, { Router } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asObject, objectAt, textAt } from '../../kernel/words/members.ts';

export type WebPage = 'verify' | 'desk' | 'request' | 'passkey';

export interface WebBuild {
  /** The URL of a page's script, or `undefined` when the pages were not built. */
  scriptOf(page: WebPage): string | undefined;
  readonly router: Router;
}

const ownFiles = [
  'site.css',
  'icon.svg',
  'send-form.client.js',
  'batch-progress.client.js',
  'send-picture.client.js',
] as const;

/** `directory`: Vite's output (dist/web). It is read once: a new build means a new process. */
export function webBuild(directory: string): WebBuild {
  const scripts = readManifest(join(directory, 'manifest.json'));
  const router = Router();
  const here = dirname(fileURLToPath(import.meta.url));
  for (const name of ownFiles) {
    // Not named by their digest: browsers ask each time whether they changed.
    router.get(`/assets/${name}`, (_request, response) => {
      response.sendFile(join(here, name), { cacheControl: false, headers: { 'cache-control': 'no-cache' } });
    });
  }
  router.use(
    '/assets',
    express.static(join(directory, 'assets'), { index: false, immutable: true, maxAge: '365d', redirect: false }),
  );
  return { scriptOf: (page) => scripts.get(page), router };
}

/** Vite's manifest: source path → { name, file, isEntry }. */
function readManifest(path: string): ReadonlyMap<string, string> {
  if (!existsSync(path)) return new Map();
  const manifest = asObject(JSON.parse(readFileSync(path, 'utf8')));
  const scripts = new Map<string, string>();
  for (const source of Object.keys(manifest ?? {})) {
    const chunk = objectAt(manifest, source);
    const name = textAt(chunk, 'name');
    const file = textAt(chunk, 'file');
    if (chunk?.['isEntry'] === true && name !== undefined && file !== undefined) scripts.set(name, `/${file}`);
  }
  return scripts;
}
