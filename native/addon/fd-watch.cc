/* watchFd: bytes of a pty master or a pipe, without a thread and without losing the last of them.
 *
 * Why not tty.ReadStream or net.Socket: libuv's streams take a short read followed by POLLHUP for the end, and a pty gives at
 * most 4095 bytes a read, so whatever more a program wrote just before it exited would be lost. */
#include <unistd.h>

#include <cerrno>

#include "arguments.h"
#include "fault.h"
#include "functions.h"
#include "poll.h"

struct Watch {
    std::shared_ptr<Poll> poll;
    int fd = -1;

    void shut() {
        if (poll)
            poll->close_poll();
        poll.reset();
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    ~Watch() {
        shut();
    }
};

/* As much as is there and fits: > 0, 0 = the end, -1 = nothing now, or another -errno below it. */
static ssize_t watch_read(int fd, uint8_t *into, size_t room) {
    size_t got = 0;
    while (got < room) {
        ssize_t n = read(fd, into + got, room - got);
        if (n > 0) {
            got += static_cast<size_t>(n);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (got > 0) /* whatever this was, the next call meets it again */
            break;
        if (n == 0 || errno == EIO) /* EIO: the last holder of the slave side has closed it */
            return 0;
        return errno == EAGAIN ? -1 : -errno - 1;
    }
    return static_cast<ssize_t>(got);
}

static Napi::Value watch_read_js(const Napi::CallbackInfo &info, Watch &watch) {
    Napi::Env env = info.Env();
    if (watch.fd < 0)
        return fault_throw(env, -EBADF, "read");
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
        return fault_throw_argument(env, "read", "a Uint8Array is needed");
    Napi::Uint8Array into = info[0].As<Napi::Uint8Array>();
    if (into.ByteLength() == 0)
        return fault_throw_argument(env, "read", "there is no room in the array");
    ssize_t n = watch_read(watch.fd, into.Data(), into.ByteLength());
    return n < -1 ? fault_throw(env, static_cast<int>(n) + 1, "read") : Napi::Number::New(env, static_cast<double>(n));
}

static Napi::Value watch_write_js(const Napi::CallbackInfo &info, Watch &watch) {
    Napi::Env env = info.Env();
    if (watch.fd < 0)
        return fault_throw(env, -EBADF, "write");
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
        return fault_throw_argument(env, "write", "a Uint8Array is needed");
    Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    ssize_t n;
    do
        n = write(watch.fd, bytes.Data(), bytes.ByteLength());
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN)
        return fault_throw(env, -errno, "write");
    return Napi::Number::New(env, n < 0 ? 0 : static_cast<double>(n));
}

Napi::Value watch_fd(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    int failure = 0;
    double number = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= 0 && number <= static_cast<double>(ARGUMENTS_FD_MAX)) || !info[1].IsFunction())
        return fault_throw_argument(env, "poll", "a file descriptor and a function are needed");
    auto ready = std::make_shared<Napi::FunctionReference>(Napi::Persistent(info[1].As<Napi::Function>()));
    auto watch = std::make_shared<Watch>();
    watch->poll = Poll::create(
        env, static_cast<int>(number),
        [ready](napi_env e, bool readable, bool writable) {
            if (e)
                ready->Call({Napi::Boolean::New(e, readable), Napi::Boolean::New(e, writable)});
        },
        &failure);
    if (!watch->poll)
        return fault_throw(env, failure, "poll");
    watch->fd = static_cast<int>(number);
    Napi::Object out = Napi::Object::New(env);
    out.Set("want", Napi::Function::New(env, [watch](const Napi::CallbackInfo &call) {
                int rc = watch->poll ? watch->poll->want(call[0].ToBoolean(), call[1].ToBoolean()) : 0;
                return rc < 0 ? fault_throw(call.Env(), rc, "poll") : call.Env().Undefined();
            }));
    out.Set("read", Napi::Function::New(env, [watch](const Napi::CallbackInfo &call) { return watch_read_js(call, *watch); }));
    out.Set("write", Napi::Function::New(env, [watch](const Napi::CallbackInfo &call) { return watch_write_js(call, *watch); }));
    out.Set("close", Napi::Function::New(env, [watch](const Napi::CallbackInfo &) { watch->shut(); }));
    return out;
}
