// What is wrong with a registration is told in the reader's language, at the field that it is about; WCAG 2.2, 3.3.1 and 3.3.3.

import assert from 'node:assert/strict';
import { type ClientFault, clientFaults, faultyClient } from '../../../src/identity/clients/client-faults.ts';
import { clientFormPage, fieldsOf } from '../../../src/http/pages/client-form.ts';
import { clientFaultText } from '../../../src/http/pages/text/client-faults.ts';
import { TrustError } from '../../../src/kernel/errors.ts';
import { type Language, languages } from '../../../src/kernel/words/language.ts';

const page = (language: Language, fault?: TrustError) => {
  const frame = { language, sandbox: true, principalName: 'admin1' };
  return String(clientFormPage({ frame, fields: fieldsOf(undefined), fault }));
};

describe('WCAG 2.2, 3.3.1: faults of a registration', () => {
  for (const code of Object.keys(clientFaults) as ClientFault[]) {
    it(`${code}: in words, in the summary and at its field`, () => {
      const { field, words } = clientFaultText[code];
      for (const language of languages) {
        const shown = page(language, faultyClient(code, 'office'));
        const escaped = words[language].replaceAll('"', '&quot;');
        assert.ok(shown.includes(`<a href="#${field}">${escaped}</a>`), shown);
        assert.ok(shown.includes(`<p class="field-error" id="${field}-fault">${escaped}</p>`));
        const control = new RegExp(`<(?:input|textarea|select) id="${field}"[^>]*>`).exec(shown)?.[0] ?? '';
        assert.match(control, new RegExp(`aria-describedby="[^"]*${field}-fault" aria-invalid="true"`));
        if (language === 'zh-CN') assert.ok(!shown.includes(clientFaults[code]), 'no English among the Chinese');
      }
    });
  }

  it('tells another fault as it is, and none where there is none', () => {
    assert.match(
      page('zh-CN', new TrustError('precondition-failed', 'it was changed')),
      /<p lang="en">it was changed</,
    );
    assert.doesNotMatch(page('zh-CN'), /error-summary|field-error|aria-invalid/);
  });
});
