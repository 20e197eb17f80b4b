/* Ptys, pipes, and the fds that JS holds of them. */
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "arguments.h"
#include "fault.h"
#include "functions.h"

extern "C" {
#include "pty.h"
}

/* An integer argument by position; false with the exception set. */
static bool pty_number(const Napi::CallbackInfo &info, size_t index, const char *name, int64_t high, const char *call, int *out) {
    double number = info[index].IsNumber() ? info[index].As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= 0 && number <= static_cast<double>(high)) || number != static_cast<double>(static_cast<int64_t>(number))) {
        fault_throw_argument(info.Env(), call, std::string(name) + " must be an integer from 0 to " + std::to_string(high));
        return false;
    }
    *out = static_cast<int>(number);
    return true;
}

Napi::Value open_pty(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    struct sr_pty_size size = {80, 24};
    int master, slave, rc;
    char name[SR_PTY_NAME_SIZE];
    if (!info[0].IsUndefined()) {
        Arguments a(info[0], "openpty");
        size.cols = static_cast<unsigned>(a.integer("cols", 1, UINT16_MAX));
        size.rows = static_cast<unsigned>(a.integer("rows", 1, UINT16_MAX));
        if (a.failed())
            return env.Undefined();
    }
    rc = sr_pty_open(&master, &slave, name);
    if (rc < 0)
        return fault_throw(env, rc, "openpty");
    rc = sr_pty_set_size(master, size);
    if (rc < 0) {
        close(master);
        close(slave);
        return fault_throw(env, rc, "ioctl");
    }
    Napi::Object pty = Napi::Object::New(env);
    pty.Set("master", Napi::Number::New(env, master));
    pty.Set("slave", Napi::Number::New(env, slave));
    pty.Set("name", Napi::String::New(env, name));
    return pty;
}

Napi::Value open_pipe(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fault_throw(env, -errno, "pipe2");
    Napi::Object pipe = Napi::Object::New(env);
    pipe.Set("read", Napi::Number::New(env, ends[0]));
    pipe.Set("write", Napi::Number::New(env, ends[1]));
    return pipe;
}

Napi::Value set_size(const Napi::CallbackInfo &info) {
    int fd, cols, rows;
    if (!pty_number(info, 0, "fd", ARGUMENTS_FD_MAX, "ioctl", &fd) || !pty_number(info, 1, "cols", UINT16_MAX, "ioctl", &cols) ||
        !pty_number(info, 2, "rows", UINT16_MAX, "ioctl", &rows))
        return info.Env().Undefined();
    int rc = sr_pty_set_size(fd, {static_cast<unsigned>(cols), static_cast<unsigned>(rows)});
    return rc < 0 ? fault_throw(info.Env(), rc, "ioctl") : info.Env().Undefined();
}

Napi::Value get_size(const Napi::CallbackInfo &info) {
    int fd;
    if (!pty_number(info, 0, "fd", ARGUMENTS_FD_MAX, "ioctl", &fd))
        return info.Env().Undefined();
    struct sr_pty_size size = sr_pty_get_size(fd);
    Napi::Object out = Napi::Object::New(info.Env());
    out.Set("cols", Napi::Number::New(info.Env(), size.cols));
    out.Set("rows", Napi::Number::New(info.Env(), size.rows));
    return out;
}

Napi::Value close_fd(const Napi::CallbackInfo &info) {
    int fd;
    if (!pty_number(info, 0, "fd", ARGUMENTS_FD_MAX, "close", &fd))
        return info.Env().Undefined();
    /* EINTR: Linux has closed it all the same. */
    if (close(fd) < 0 && errno != EINTR)
        return fault_throw(info.Env(), -errno, "close");
    return info.Env().Undefined();
}
