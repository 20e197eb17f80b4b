import { addressOf } from '../../services/read-attacker-session.js';

/** As many of these refused logins, from the first, as concern no more than `maxAddresses`: whose, and up to which id. */
export function takeFailures(
  failures: readonly { readonly id: number; readonly src_ip: string | null }[],
  maxAddresses: number,
): { readonly addresses: ReadonlySet<string>; readonly upTo: number | undefined; readonly taken: number } {
  const addresses = new Set<string>();
  let upTo: number | undefined;
  let taken = 0;
  for (const { id, src_ip: text } of failures) {
    const address = addressOf(text);
    if (address !== undefined) {
      if (addresses.size === maxAddresses && !addresses.has(address)) break;
      addresses.add(address);
    }
    upTo = id;
    taken++;
  }
  return { addresses, upTo, taken };
}
