// Builds the React pages into dist/web: hashed files under assets/, and a manifest by which the server finds them.

import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** What pdf.js asks for by name: its worker, character maps, fonts and decoders, in a folder of its version, from our own origin. */
function pdfjsFiles(): Plugin {
  const from = join(import.meta.dirname, 'node_modules/pdfjs-dist');
  const { version }: { version: string } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  const to = join(import.meta.dirname, 'dist/web/assets', `pdfjs-${version}`);
  return {
    name: 'pdfjs-files',
    closeBundle: () => {
      for (const folder of ['cmaps', 'standard_fonts', 'wasm', 'iccs']) cpSync(join(from, folder), join(to, folder), { recursive: true });
      cpSync(join(from, 'build/pdf.worker.min.mjs'), join(to, 'pdf.worker.min.mjs'));
    },
  };
}

export default defineConfig({
  root: 'src/web',
  base: '/',
  plugins: [react(), pdfjsFiles()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    // Data URLs are foreign to the pages' CSP for scripts and styles: every asset is a file.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { verify: 'src/web/verify/main.tsx', desk: 'src/web/desk/main.ts', request: 'src/web/request/main.ts', passkey: 'src/web/passkey/main.ts' } },
  },
});
