#include "fault.h"

#include <uv.h>

#include <cerrno>

extern "C" {
#include "error.h"
}

struct fault_text {
    int value;
    const char *code, *text;
};

static const fault_text fault_core[] = {
    {SR_E_BAD_FILE, "SR_E_BAD_FILE", "the name exists but is no file that may be written"},
    {SR_E_NO_PART, "SR_E_NO_PART", "no free part name was found"},
    {SR_E_TOO_LONG, "SR_E_TOO_LONG", "does not fit"},
    {SR_E_BAD_VALUE, "SR_E_BAD_VALUE", "cannot be what it claims"},
    {SR_E_NOT_FOUND, "SR_E_NOT_FOUND", "not found"},
    {SR_E_TORN, "SR_E_TORN", "a write was cut short"},
};

static Napi::Error fault_build(Napi::Env env, int failure, const std::string &code, const std::string &message,
                               const char *syscall) {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    error.Set("errno", Napi::Number::New(env, failure));
    error.Set("syscall", Napi::String::New(env, syscall));
    return error;
}

Napi::Error fault_make(Napi::Env env, int failure, const char *syscall, const std::string &subject) {
    char name[64], text[128];
    std::string code, reason;
    for (const fault_text &f : fault_core) {
        if (failure == -f.value) {
            code = f.code;
            reason = f.text;
        }
    }
    if (code.empty()) {
        /* On Unix libuv's codes are -errno. */
        code = uv_err_name_r(failure, name, sizeof name);
        reason = uv_strerror_r(failure, text, sizeof text);
    }
    std::string message = code + ": " + reason + ", " + syscall;
    if (!subject.empty())
        message += " '" + subject + "'";
    Napi::Error error = fault_build(env, failure, code, message, syscall);
    if (!subject.empty())
        error.Set("path", Napi::String::New(env, subject));
    return error;
}

Napi::Value fault_throw(Napi::Env env, int failure, const char *syscall, const std::string &subject) {
    if (!env.IsExceptionPending())
        fault_make(env, failure, syscall, subject).ThrowAsJavaScriptException();
    return env.Undefined();
}

Napi::Value fault_throw_argument(Napi::Env env, const char *syscall, const std::string &reason) {
    if (!env.IsExceptionPending())
        fault_build(env, -EINVAL, "EINVAL", std::string("EINVAL: ") + reason + ", " + syscall, syscall)
            .ThrowAsJavaScriptException();
    return env.Undefined();
}
