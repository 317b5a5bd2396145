// Prints docs/config.md from the schema of the settings.

import { settings } from '../src/config.ts';
import { printFile } from './printed-file.ts';

const rows = Object.entries(settings.shape).map(([name, schema]) => {
  const standard = schema.parse(undefined);
  const shown = name === 'MAX_DOCUMENT_BYTES' ? `${standard} (32 MiB)` : String(standard);
  return `| \`${name}\` | ${shown === '' ? '–' : `\`${shown}\``} | ${schema.description ?? ''} |`;
});

printFile(
  'docs/config.md',
  `# Which settings are there?

All of them are environment variables, read once at start in \`src/config.ts\`; this page is printed from there (\`node dist/scripts/print-config.js\`).
A wrong value stops the start and says which one and why.

| setting | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`,
);
