/* What the system says: free space, the CPU's SHA instructions, who is at the other end of a socket. */
#include <sys/socket.h>

#include <cerrno>
#include <cmath>

#include "arguments.h"
#include "fault.h"
#include "functions.h"

extern "C" {
#include "disk.h"
#include "sha256.h"
}

Napi::Value stat_disk(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    struct sr_disk disk;
    std::string path = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : std::string();
    if (!info[0].IsString() || path.find('\0') != std::string::npos)
        return fault_throw_argument(env, "statvfs", "path must be a string without NUL");
    int rc = sr_disk_stat_path(path.c_str(), &disk);
    if (rc < 0)
        return fault_throw(env, rc, "statvfs", path);
    Napi::Object out = Napi::Object::New(env);
    out.Set("freeBytes", Napi::Number::New(env, static_cast<double>(disk.free_bytes)));
    out.Set("totalBytes", Napi::Number::New(env, static_cast<double>(disk.total_bytes)));
    out.Set("freeInodes",
            Napi::Number::New(env, disk.free_inodes == UINT64_MAX ? INFINITY : static_cast<double>(disk.free_inodes)));
    return out;
}

Napi::Value sha256_accelerated(const Napi::CallbackInfo &info) {
    return Napi::Boolean::New(info.Env(), sr_sha256_accelerated() != 0);
}

Napi::Value peer_cred(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    struct ucred cred;
    socklen_t len = sizeof cred;
    double fd = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (!(fd >= 0 && fd <= static_cast<double>(ARGUMENTS_FD_MAX)) || fd != std::floor(fd))
        return fault_throw_argument(env, "getsockopt", "fd must be a file descriptor's number");
    if (getsockopt(static_cast<int>(fd), SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return fault_throw(env, -errno, "getsockopt");
    if (cred.pid == 0) /* what the kernel gives for sockets of other families */
        return fault_throw(env, -ENOTCONN, "getsockopt");
    Napi::Object out = Napi::Object::New(env);
    out.Set("pid", Napi::Number::New(env, cred.pid));
    out.Set("uid", Napi::Number::New(env, cred.uid));
    out.Set("gid", Napi::Number::New(env, cred.gid));
    return out;
}
