const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^(?=.*:.*:)[0-9a-f:.]{2,45}$/i;
/** An IPv4 address as an IPv6 socket shows it, in the URL standard's spelling. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * An address in the one spelling in which the recorder writes it, too: IPv6 in lower case and shortened, without a zone; an
 * IPv4 address in IPv6 as IPv4. Undefined for a name, or anything else that is no address.
 */
export function readIpAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  const bare = text.replace(/%[\w.-]{1,15}$/, '');
  if (!IPV6.test(bare)) return undefined;
  try {
    const address = new URL(`http://[${bare}]`).hostname.slice(1, -1);
    const mapped = MAPPED.exec(address);
    return mapped === null ? address : [...bytesOf(mapped[1]), ...bytesOf(mapped[2])].join('.');
  } catch {
    return undefined;
  }
}

function bytesOf(group = ''): [number, number] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}
