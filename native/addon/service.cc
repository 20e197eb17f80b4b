/* What a service needs of the system and Node has not: datagrams to the service manager, locks that end with their process. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "arguments.h"
#include "fault.h"
#include "functions.h"

/* The address of `path`; one that begins with '@' is abstract: a NUL stands in its place, and its length tells its end. */
static int service_address(const std::string &path, struct sockaddr_un *address, socklen_t *length) {
    bool abstract = path[0] == '@';
    if (path.size() + (abstract ? 0 : 1) > sizeof address->sun_path)
        return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path.data(), path.size());
    if (abstract)
        address->sun_path[0] = '\0';
    *length = static_cast<socklen_t>(offsetof(struct sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    return 0;
}

Napi::Value notify_socket(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    struct sockaddr_un address;
    socklen_t length;
    std::string path = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : std::string();
    if (path.size() < 2 || (path[0] != '/' && path[0] != '@') || path.find('\0') != std::string::npos)
        return fault_throw_argument(env, "sendto", "path must be an absolute path, or @ and a name");
    if (!info[1].IsString())
        return fault_throw_argument(env, "sendto", "text must be a string");
    std::string text = info[1].As<Napi::String>().Utf8Value();
    int rc = service_address(path, &address, &length);
    if (rc < 0)
        return fault_throw(env, rc, "sendto", path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fault_throw(env, -errno, "socket");
    /* Never waits: a manager that does not read must not stop those whom it watches. */
    ssize_t sent = sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                          reinterpret_cast<const struct sockaddr *>(&address), length);
    rc = sent < 0 ? -errno : 0;
    close(fd);
    if (rc < 0)
        return fault_throw(env, rc, "sendto", path);
    return env.Undefined();
}

Napi::Value try_lock(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    double fd = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (!(fd >= 0 && fd <= static_cast<double>(ARGUMENTS_FD_MAX)) || fd != std::floor(fd))
        return fault_throw_argument(env, "fcntl", "fd must be a file descriptor's number");
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    /* l_len 0: to the end, wherever that will be. l_pid must be 0 for a lock that belongs to the open file. */
    if (fcntl(static_cast<int>(fd), F_OFD_SETLK, &lock) == 0)
        return Napi::Boolean::New(env, true);
    if (errno == EAGAIN || errno == EACCES)
        return Napi::Boolean::New(env, false);
    return fault_throw(env, -errno, "fcntl");
}
