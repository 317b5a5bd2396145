// Builds the React pages into dist/web: hashed files under assets/, and a manifest by which the server finds them.

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    // Data URLs are foreign to the pages' CSP for scripts and styles: every asset is a file.
    assetsInlineLimit: 0,
    rolldownOptions: { input: { verify: 'src/web/verify/main.tsx', desk: 'src/web/desk/main.ts', passkey: 'src/web/passkey/main.ts' } },
  },
});
