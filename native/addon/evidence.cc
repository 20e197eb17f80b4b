/* What a file that must keep every byte needs of the system and Node has not: append-only for everybody, and room set aside. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cmath>

#include "arguments.h"
#include "fault.h"
#include "functions.h"

/* -1 = the pending exception says what is wrong. */
static int evidence_fd(const Napi::CallbackInfo &info, const char *call) {
    double fd = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (fd >= 0 && fd <= static_cast<double>(ARGUMENTS_FD_MAX) && fd == std::floor(fd))
        return static_cast<int>(fd);
    fault_throw_argument(info.Env(), call, "fd must be a file descriptor's number");
    return -1;
}

/* File systems without such flags answer in one of these ways. */
static bool evidence_has_no_flags(int error) {
    return error == ENOTTY || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL;
}

Napi::Value set_append_only(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    int fd = evidence_fd(info, "ioctl");
    if (fd < 0)
        return env.Undefined();
    if (!info[1].IsBoolean())
        return fault_throw_argument(env, "ioctl", "on must be true or false");
    /* The kernel reads and writes an int, whatever the request's number says of a long. */
    int flags = 0;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return fault_throw(env, -errno, "ioctl");
    int wanted = info[1].As<Napi::Boolean>().Value() ? flags | FS_APPEND_FL : flags & ~FS_APPEND_FL;
    if (wanted != flags && ioctl(fd, FS_IOC_SETFLAGS, &wanted) < 0)
        return fault_throw(env, -errno, "ioctl");
    return env.Undefined();
}

Napi::Value is_append_only(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    int fd = evidence_fd(info, "ioctl"), flags = 0;
    if (fd < 0)
        return env.Undefined();
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0)
        return Napi::Boolean::New(env, (flags & FS_APPEND_FL) != 0);
    if (evidence_has_no_flags(errno))
        return Napi::Boolean::New(env, false);
    return fault_throw(env, -errno, "ioctl");
}

Napi::Value preallocate(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    int fd = evidence_fd(info, "fallocate"), rc;
    if (fd < 0)
        return env.Undefined();
    double bytes = info[1].IsNumber() ? info[1].As<Napi::Number>().DoubleValue() : 0;
    if (!(bytes >= 1 && bytes <= static_cast<double>(ARGUMENTS_SAFE_MAX)) || bytes != std::floor(bytes))
        return fault_throw_argument(env, "fallocate", "bytes must be a whole number of at least 1");
    /* Beyond the end of the file, which stays where it is: an append takes from it, a reader sees none of it. */
    do
        rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes));
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? fault_throw(env, -errno, "fallocate") : env.Undefined();
}
