/* Linked into a login-session that is to hash as on a CPU without SHA instructions. */
#include "sha256.h"

__attribute__((constructor)) static void portable_begin(void) {
    sr_sha256_force_portable(1);
}
