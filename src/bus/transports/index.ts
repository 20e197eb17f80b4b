import type { Transport } from '../transport.js';
import { fakeTransport } from './fake.js';
import { nullTransport } from './null.js';
import { unixTransport } from './unix.js';

/** Every way to a bus. */
export const TRANSPORTS: readonly Transport[] = [unixTransport, fakeTransport, nullTransport];
