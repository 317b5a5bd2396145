// A PDF to stamp: a letter printed by Chromium where there is one, else a page written by hand with a standard font.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the letter is signed, from the top left of the A4 page. */
export const place = { page: 1, xMm: 148, yMm: 196 };

const letter = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>关于试用印信服务的函</title>
<style>
  @page { size: A4; margin: 0 }
  body { margin: 0; font: 12pt/1.9 'Noto Serif CJK SC', serif }
  main { position: absolute; left: 26mm; top: 34mm; width: 158mm }
  h1 { font-size: 20pt; text-align: center; margin: 0 0 10mm }
  p { text-indent: 2em; margin: 0 0 3mm }
  .sign { position: absolute; left: 108mm; top: 186mm; width: 80mm; text-align: center; text-indent: 0 }
</style>
<main><h1>关于试用印信服务的函</h1>
<p style="text-indent:0">沙箱市数据局:</p>
<p>我公司拟于近期试用统一信任服务，对本函加盖电子印章。电子印章与实物印章具有同等法律效力，任何人可以在验证页核验本函自盖章之日起未被改动。</p>
<p>This letter is a sample. It carries the electronic seal of a company that does not exist; whoever receives it can check
that not one byte was changed since.</p><p>特此函告。</p></main>
<p class="sign">沙箱市测试科技有限公司<br>2026 年 11 月 21 日</p></html>`;

/** `{ bytes, maker }` */
export function makePaper() {
  return printed() ?? { bytes: written(), maker: 'by hand, standard font' };
}

function printed() {
  const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (browser === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-tour-'));
  try {
    writeFileSync(join(folder, 'letter.html'), letter);
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--no-pdf-header-footer'];
    const own = [`--user-data-dir=${join(folder, 'profile')}`, `--print-to-pdf=${join(folder, 'letter.pdf')}`];
    spawnSync(browser, [...options, ...own, pathToFileURL(join(folder, 'letter.html')).href], { timeout: 30_000 });
    return { bytes: readFileSync(join(folder, 'letter.pdf')), maker: 'printed by Chromium' };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** ISO 32000-2, 7.5: header, body, cross-reference table, trailer. */
function written() {
  const text = 'BT /F1 18 Tf 74 740 Td (A letter to be sealed) Tj 0 -40 Td /F1 12 Tf (Not one byte may change.) Tj ET';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
  ];
  let file = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n';
  const rows = objects.map((body, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
