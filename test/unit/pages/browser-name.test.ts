// What a session keeps of a User-Agent header, and how people read it.

import assert from 'node:assert/strict';
import { browserName } from '../../../src/http/browser-name.ts';
import { browserWords } from '../../../src/kernel/words/browser.ts';

describe('The browser of a session', () => {
  const agents: Readonly<Record<string, string>> = {
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0': 'firefox windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0':
      'edge windows',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15':
      'safari mac',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile Safari/604.1':
      'chrome ios',
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0':
      'wechat android',
    'curl/8.0': 'other other',
  };

  it('is one of a closed list, whatever the header says', () => {
    for (const [agent, name] of Object.entries(agents)) assert.equal(browserName(agent), name);
    assert.equal(browserName(undefined), 'other other');
    assert.equal(browserName(`${'x'.repeat(600)} Firefox/1`), 'other other');
  });

  it('reads plainly in both languages', () => {
    assert.deepEqual(browserWords('firefox windows'), { 'zh-CN': 'Windows 上的 Firefox', en: 'Firefox on Windows' });
    assert.deepEqual(browserWords('other linux'), { 'zh-CN': 'Linux', en: 'Linux' });
    assert.deepEqual(browserWords('other other'), { 'zh-CN': '未知浏览器', en: 'Unknown browser' });
  });
});
