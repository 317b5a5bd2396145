// Takes the text of a QR code: from a desk scanner, which types and presses Enter, or pasted.

import { useState } from 'react';
import type { Language } from '../../kernel/words/language.ts';
import { verifyPageWords as text } from '../../kernel/words/verify-page.ts';

const longestText = 8192; // The contract's limit; the largest QR code holds 4,296 characters.

export function CodeForm({ language, onText }: { language: Language; onText: (code: string) => void }) {
  const [missing, setMissing] = useState(false);

  function submit(form: HTMLFormElement): void {
    const field = form.querySelector('textarea');
    const code = field?.value.trim() ?? '';
    setMissing(code === '');
    if (code === '') field?.focus();
    else onText(code);
  }

  return (
    <form
      className="card"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit(event.currentTarget);
      }}
    >
      <h2>{text.code[language]}</h2>
      <div className="field">
        <label htmlFor="text">{text.codeLabel[language]}</label>
        <p className="hint" id="text-hint">
          {text.codeHint[language]}
        </p>
        {missing && (
          <p className="field-error" id="text-fault" role="alert">
            {text.needText[language]}
          </p>
        )}
        <textarea
          id="text"
          name="text"
          rows={4}
          maxLength={longestText}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          aria-invalid={missing}
          aria-describedby={missing ? 'text-fault text-hint' : 'text-hint'}
          onKeyDown={(event) => {
            // A desk scanner ends with Enter; a line break has no place in a code.
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      </div>
      <button className="button" type="submit">
        {text.check[language]}
      </button>
    </form>
  );
}
