// The operators of a content stream with their operands (ISO 32000-2, 7.8.2), as far as text needs them; what is damaged is passed over.

/** A name is a `Name`; a string is its bytes; dictionaries and words without meaning here are `undefined`. */
export type Operand = number | Name | Uint8Array | readonly Operand[] | undefined;

export class Name {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

export interface Operation {
  readonly operator: string;
  readonly operands: readonly Operand[];
}

const maxOperands = 64;
const maxItems = 20_000;
const maxDepth = 8;

const space = /[\0\t\n\f\r ]/;
const lineEnd = /[\r\n]/g;
const delimiter = /[()<>[\]{}/%]/;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

export class ContentReader {
  /** One character a byte. */
  readonly #text: string;
  #at = 0;

  constructor(content: Uint8Array) {
    this.#text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1');
  }

  *operations(): Generator<Operation> {
    let operands: Operand[] = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const token = this.#token(0);
      if (typeof token !== 'string') {
        if (operands.length < maxOperands) operands.push(token);
        continue;
      }
      if (token === 'BI') this.#skipImage();
      else yield { operator: token, operands };
      operands = [];
    }
  }

  /** An operator is a string, everything else an operand. */
  #token(depth: number): Operand | string {
    const character = this.#text[this.#at] ?? '';
    switch (character) {
      case '(':
        return this.#literal();
      case '/':
        this.#at += 1;
        return new Name(
          this.#word().replace(/#([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        );
      case '<':
        if (this.#text[this.#at + 1] !== '<') return this.#hex();
        this.#at += 2;
        this.#items('>>', depth);
        return undefined;
      case '[':
        this.#at += 1;
        return this.#items(']', depth);
      default: {
        const word = this.#word();
        if (word === '') this.#at += 1;
        if (/^[+-]*\d*\.?\d*(?:-\d*)?$/.test(word)) return /\d/.test(word) ? numberOf(word) : undefined;
        return word;
      }
    }
  }

  #items(end: string, depth: number): Operand[] {
    const items: Operand[] = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      if (this.#text.startsWith(end, this.#at)) {
        this.#at += end.length;
        break;
      }
      // Deeper than any content nests: the rest is passed over token by token.
      const item = depth < maxDepth ? this.#token(depth + 1) : this.#passed();
      if (typeof item !== 'string' && items.length < maxItems) items.push(item);
    }
    return items;
  }

  #passed(): undefined {
    this.#at += 1;
  }

  #literal(): Uint8Array {
    const out: string[] = [];
    let open = 1;
    this.#at += 1;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? '';
      if (character === '\\') out.push(this.#escape());
      else if (character === ')' && --open === 0) break;
      else {
        if (character === '(') open += 1;
        out.push(character);
      }
    }
    this.#at += 1;
    return Buffer.from(out.join(''), 'latin1');
  }

  /** 7.3.4.2; leaves the position on the last character of the escape. */
  #escape(): string {
    const octal = /^[0-7]{1,3}/.exec(this.#text.slice(this.#at + 1, this.#at + 4))?.[0];
    if (octal !== undefined) {
      this.#at += octal.length;
      return String.fromCharCode(parseInt(octal, 8) & 0xff);
    }
    this.#at += 1;
    const character = this.#text[this.#at] ?? '';
    if (character === '\r' && this.#text[this.#at + 1] === '\n') this.#at += 1;
    return character === '\r' || character === '\n' ? '' : (escapes[character] ?? character);
  }

  #hex(): Uint8Array {
    const end = this.#text.indexOf('>', this.#at);
    const last = end < 0 ? this.#text.length : end;
    const digits = this.#text.slice(this.#at + 1, last).replace(/[^\da-fA-F]/g, '');
    this.#at = last + 1;
    return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex');
  }

  /** 8.9.7: from BI to an EI that stands by itself. */
  #skipImage(): void {
    const end = /[\0\t\n\f\r ]EI(?=[\0\t\n\f\r ]|$)/g;
    const data = /\sID\s/g;
    data.lastIndex = this.#at;
    end.lastIndex = data.exec(this.#text) === null ? this.#at : data.lastIndex - 1;
    this.#at = end.exec(this.#text) === null ? this.#text.length : end.lastIndex;
  }

  #word(): string {
    const start = this.#at;
    while (
      this.#at < this.#text.length &&
      !space.test(this.#text[this.#at] ?? '') &&
      !delimiter.test(this.#text[this.#at] ?? '')
    )
      this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  #skip(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? '';
      if (character === '%') {
        lineEnd.lastIndex = this.#at;
        this.#at = lineEnd.exec(this.#text)?.index ?? this.#text.length;
      } else if (!space.test(character)) break;
    }
  }
}

/** Some programs write `--5` and `12-3`; readers take what they can. */
function numberOf(word: string): number {
  const value = Number.parseFloat(word.replace(/^[+-]*([+-])/, '$1'));
  return Number.isFinite(value) ? value : 0;
}
