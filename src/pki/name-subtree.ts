// Whether a host, mailbox, URI or address lies in a subtree of a name constraint; RFC 5280, 4.2.1.10. `undefined`: cannot be told.

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A dNSName: the constraint itself, or anything made by putting labels before it. The empty constraint holds every host. */
export function isHostWithin(name: string, base: string, as: 'permitted' | 'excluded'): boolean | undefined {
  const wildcard = name.startsWith('*.');
  const host = hostOf(wildcard ? name.slice(2) : name);
  // Not in the standard for this form, but written: a leading dot asks for at least one label more.
  const dotted = base.startsWith('.');
  const suffix = base === '' ? '' : hostOf(dotted ? base.slice(1) : base);
  if (host === undefined || suffix === undefined) return undefined;
  if (suffix === '') return true;
  if (host.endsWith(`.${suffix}`)) return true;
  if (host === suffix) return wildcard || !dotted || as === 'excluded';
  // `*.example.com` stands for an excluded `a.example.com` too.
  return wildcard && as === 'excluded' && suffix.endsWith(`.${host}`) && labelsOf(suffix) === labelsOf(host) + 1;
}

/** An rfc822Name: one mailbox (`a@b`), every mailbox of a host (`b`), or every mailbox of the hosts below it (`.b`). */
export function isMailboxWithin(name: string, base: string): boolean | undefined {
  const mailbox = mailboxOf(name);
  if (mailbox === undefined) return undefined;
  if (base.includes('@')) {
    const only = mailboxOf(base);
    return only === undefined ? undefined : only.local === mailbox.local && only.host === mailbox.host;
  }
  return isExactHostWithin(mailbox.host, base);
}

/** A URI: its host is the constraint, or lies below it when that begins with a dot. One without a host name must be refused. */
export function isUriWithin(name: string, base: string): boolean | undefined {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(name)?.[1];
  const host = hostOf(authority?.replace(/^[^@]*@/, '').replace(/:\d*$/, '') ?? '');
  if (host === undefined || /^[\d.]+$/.test(host)) return undefined;
  return isExactHostWithin(host, base);
}

/** An iPAddress of 4 or 16 octets against an address and a mask of the same length (RFC 4632). */
export function isAddressWithin(address: Uint8Array, base: Uint8Array): boolean | undefined {
  if (address.length !== 4 && address.length !== 16) return undefined;
  if ((base.length !== 8 && base.length !== 32) || !isMask(base.subarray(base.length / 2))) return undefined;
  if (base.length !== address.length * 2) return false;
  return address.every((octet, index) => {
    const mask = base[address.length + index] ?? 0;
    return (octet & mask) === ((base[index] ?? 0) & mask);
  });
}

function isExactHostWithin(host: string, base: string): boolean | undefined {
  if (base === '') return true;
  const dotted = base.startsWith('.');
  const suffix = hostOf(dotted ? base.slice(1) : base);
  if (suffix === undefined) return undefined;
  return dotted ? host.endsWith(`.${suffix}`) : host === suffix;
}

/** In lower case, without the dot of the root; `undefined` when it is no host name. */
function hostOf(text: string): string | undefined {
  const host = text.toLowerCase().replace(/\.$/, '');
  return host.length > 0 && host.length <= 253 && host.split('.').every((part) => label.test(part)) ? host : undefined;
}

/** The local part counts letter by letter, the host does not. */
function mailboxOf(text: string): { local: string; host: string } | undefined {
  const split = text.lastIndexOf('@');
  const host = hostOf(text.slice(split + 1));
  return split <= 0 || host === undefined ? undefined : { local: text.slice(0, split), host };
}

function labelsOf(host: string): number {
  return host.split('.').length;
}

/** Ones, then zeros. */
function isMask(octets: Uint8Array): boolean {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
}
