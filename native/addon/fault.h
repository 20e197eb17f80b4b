/* Failures as JS errors: each carries `code`, `errno` (negative, as Node's own) and `syscall`. The addon is built without C++
 * exceptions: a function that throws sets the pending JS exception and returns; so must its caller. */
#ifndef DECNET_ADDON_FAULT_H
#define DECNET_ADDON_FAULT_H

#include <napi.h>

#include <string>

/* `failure` is what the core or a call returned: -errno, or -SR_E_*. `subject` (a path) may be empty. */
Napi::Error fault_make(Napi::Env env, int failure, const char *syscall, const std::string &subject = {});

/* Sets it as the pending exception and returns undefined, for `return fault_throw(…)`. */
Napi::Value fault_throw(Napi::Env env, int failure, const char *syscall, const std::string &subject = {});

/* An argument that cannot be meant: EINVAL with the reason in the message. */
Napi::Value fault_throw_argument(Napi::Env env, const char *syscall, const std::string &reason);

#endif
