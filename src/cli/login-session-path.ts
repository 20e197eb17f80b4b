import type { Config } from '../config/schema.js';
import { findLoginSession } from '../native/find-login-session.js';

/** The recorder that is configured, else the one that was built with this package. Throws E_NATIVE_MISSING. */
export function loginSessionPath(config: Config): string {
  return findLoginSession({ env: config.login_session === null ? {} : { DECNET_LOGIN_SESSION: config.login_session } });
}
