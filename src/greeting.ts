// What the console says after the start: what is where, and how to sign in.

import { people, sandboxPassword } from './sandbox/city.ts';
import type { Services } from './services.ts';

export async function greeting({ config, database }: Services): Promise<string> {
  const { publicUrl } = config;
  const { rows } = await database.query<{ version: string }>({
    text: "SELECT current_setting('server_version') AS version",
  });
  const where = config.databaseUrl === undefined ? `embedded under ${config.dataDirectory}` : 'by DATABASE_URL';
  const lines = [
    '',
    `Yinxin 印信 is ready at ${publicUrl}   (${config.mode} mode)`,
    '',
    `  pages        ${publicUrl}/            wallet, desk, verify, admin`,
    `  API          ${publicUrl}/docs        and /openapi.yaml`,
    `  sign-in      ${publicUrl}/oidc        OpenID Connect issuer`,
    `  audit log    ${publicUrl}/log/checkpoint`,
    `  database     PostgreSQL ${rows[0]?.version ?? ''}, ${where}`,
    `  keys         ${config.keysDirectory}`,
  ];
  if (config.mode === 'sandbox') {
    lines.push(
      '',
      `  people       ${people.map(({ loginName }) => loginName).join(', ')}`,
      `               password of all: ${sandboxPassword}`,
      '  system       sandbox-system / sandbox-system-secret   (client credentials at /oidc/token)',
      '',
      '  Try it: node scripts/tour.mjs',
    );
  }
  return `${lines.join('\n')}\n`;
}
