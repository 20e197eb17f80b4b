/** e_machine of elf(5), by Node's names. */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);

/** Which machine an ELF file of 64 bits, little-endian, is for (`x64`, `arm64`, …, `machine 21`); null when it is none. */
export function elfArch(bytes: Uint8Array): string | null {
  // Magic, then 2 = 64 bits, 1 = little-endian; e_machine is at 18.
  const head = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
  if (bytes.length < 64 || head.some((byte, at) => bytes[at] !== byte)) return null;
  const machine = (bytes[18] ?? 0) + 256 * (bytes[19] ?? 0);
  return MACHINES.get(machine) ?? `machine ${machine}`;
}
