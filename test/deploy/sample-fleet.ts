import type { Fleet } from '../../src/contract/fleet.js';
import { parseFleet, resolveFleet } from '../../src/deploy/fleet.js';

export const SAMPLE = `
[defaults]
base_image = "base:1"

[[decky]]
name = "omega"
hostname = "mail01"
services = ["ssh", "telnet"]
ssh_port = 2222
telnet_port = 2323
[[decky.user]]
name = "root"
password = "toor"
[[decky.user]]
name = "ada"
password = "correct horse"

[[decky]]
name = "beta"
services = ["ssh"]
address = "192.0.2.7"
memory_mb = 128
[[decky.user]]
name = "root"
password = "admin"
`;

export function sampleFleet(text = SAMPLE): Fleet {
  return resolveFleet(parseFleet(text, 'fleet.toml'), 'fleet.toml');
}
