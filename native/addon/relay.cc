/* relay: a session recorded in this process, on a thread of its own. JS is told of the end by an eventfd, and speaks to the relay
 * by what it already listens to: a stop fd, and a pipe that carries the signals login-session would read from its signalfd. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "fault.h"
#include "functions.h"
#include "poll.h"
#include "session.h"

extern "C" {
#include "relay.h"
}

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

struct Relay {
    Session session;
    struct sr_record *record = nullptr;
    struct sr_relay_options options = {};
    struct sr_relay_result result = {};
    int rc = 0;
    int stop_fd = -1, done_fd = -1, child_fd = -1, signal_pipe[2] = {-1, -1};
    pthread_t thread = {};
    bool over = false;
    std::shared_ptr<Poll> done, child;

    /* After the thread's end, or before its start. */
    void shut() {
        if (done)
            done->close_poll();
        if (child)
            child->close_poll();
        for (int *fd : {&stop_fd, &done_fd, &child_fd, &signal_pipe[0], &signal_pipe[1]}) {
            if (*fd >= 0)
                close(*fd);
            *fd = -1;
        }
        sr_record_destroy(record);
        record = nullptr;
    }
};

using RelayPointer = std::shared_ptr<Relay>;

static void relay_ring(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

/* As the kernel would have said it on a signalfd. Non-blocking: a full pipe already says enough. */
static void relay_signal(const Relay &relay, int sig) {
    struct signalfd_siginfo info = {};
    info.ssi_signo = static_cast<uint32_t>(sig);
    while (write(relay.signal_pipe[1], &info, sizeof info) < 0 && errno == EINTR)
        ;
}

static void *relay_thread(void *arg) {
    Relay *relay = static_cast<Relay *>(arg);
    relay->rc = sr_relay_run(&relay->options, &relay->result);
    relay_ring(relay->done_fd);
    return nullptr;
}

static Napi::Object relay_result_object(Napi::Env env, const Relay &relay) {
    const struct sr_relay_result &r = relay.result;
    const char *name = r.signal ? sr_pty_signal_name(r.signal) : nullptr;
    Napi::Object out = Napi::Object::New(env);
    out.Set("reason", Napi::String::New(env, sr_relay_reason_name(r.reason)));
    out.Set("status", r.status >= 0 ? Napi::Number::New(env, r.status) : env.Null());
    out.Set("signal", name ? Napi::String::New(env, std::string("SIG") + name) : env.Null());
    out.Set("bytesIn", Napi::Number::New(env, static_cast<double>(r.bytes_in)));
    out.Set("bytesOut", Napi::Number::New(env, static_cast<double>(r.bytes_out)));
    out.Set("undelivered", Napi::Number::New(env, static_cast<double>(r.undelivered)));
    out.Set("durationMs", Napi::Number::New(env, static_cast<double>(r.duration_ns) / 1e6));
    out.Set("anchor", session_anchor_object(env, relay.record));
    return out;
}

/* On the event loop, the thread having rung; `env` is null when the environment is going. */
static void relay_finish(napi_env env, Relay &relay, Napi::Promise::Deferred &promise) {
    pthread_join(relay.thread, nullptr);
    relay.over = true;
    Napi::Value outcome;
    if (env && relay.rc == 0)
        outcome = relay_result_object(env, relay);
    relay.shut();
    if (!env)
        return;
    if (relay.rc == 0)
        promise.Resolve(outcome);
    else
        promise.Reject(fault_make(env, relay.rc, "relay").Value());
}

/* All signals stay with Node's own threads: its handlers must not run on this one. */
static int relay_start_thread(Relay &relay) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&relay.thread, nullptr, relay_thread, &relay);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return -rc;
}

static int relay_open_fds(Relay &relay) {
    relay.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    relay.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (relay.stop_fd < 0 || relay.done_fd < 0 || pipe2(relay.signal_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    if (relay.options.child > 0) {
        relay.child_fd = static_cast<int>(syscall(SYS_pidfd_open, relay.options.child, 0));
        if (relay.child_fd < 0)
            return -errno;
    }
    relay.options.stop_fd = relay.stop_fd;
    relay.options.signal_fd = relay.signal_pipe[0];
    return 0;
}

/* The event loop's two ears: the thread's end, and the child's, which the thread then reaps. */
static int relay_watch(Napi::Env env, const RelayPointer &relay, const Napi::Promise::Deferred &promise) {
    int failure = 0;
    relay->done = Poll::create(
        env, relay->done_fd, [relay, deferred = promise](napi_env e, bool, bool) mutable { relay_finish(e, *relay, deferred); },
        &failure);
    if (!relay->done)
        return failure;
    /* A session must not go without its end line: the environment waits for the thread, at most the relay's 2.5 s. */
    relay->done->on_teardown([relay] { relay_ring(relay->stop_fd); });
    failure = relay->done->want(true, false);
    if (failure < 0 || relay->child_fd < 0)
        return failure;
    relay->child = Poll::create(
        env, relay->child_fd,
        [relay](napi_env, bool, bool) {
            relay->child->close_poll();
            relay_signal(*relay, SIGCHLD);
        },
        &failure);
    return relay->child ? relay->child->want(true, false) : failure;
}

static void relay_read(Arguments &a, Relay &relay) {
    struct sr_relay_options &o = relay.options;
    auto fd = [&a](const char *key) { return static_cast<int>(a.integer(key, 0, ARGUMENTS_FD_MAX)); };
    auto fd_or_none = [&a](const char *key) { return static_cast<int>(a.integer_or(key, -1, ARGUMENTS_FD_MAX, -1)); };
    session_read(a, "transcriptsDir", relay.session);
    o.client_in = fd("clientIn");
    o.client_out = fd("clientOut");
    o.client_err = fd_or_none("clientErr");
    o.shell_in = fd("shellIn");
    o.shell_out = fd("shellOut");
    o.shell_err = fd_or_none("shellErr");
    o.pty = a.flag("pty");
    o.child = static_cast<pid_t>(a.integer_or("child", 1, INT32_MAX, -1));
    o.t0_mono_ns = relay.session.t0_mono_ns;
    o.checkpoint_s = 0;
    if (!a.failed() && o.pty && o.shell_in != o.shell_out)
        a.reject("with pty, shellIn and shellOut are the one master");
    for (int used : {o.client_in, o.client_out, o.client_err, o.shell_in, o.shell_out, o.shell_err})
        if (!a.failed() && used >= 0 && fcntl(used, F_GETFD) < 0)
            a.reject("descriptor " + std::to_string(used) + " is not open");
    if (o.pty) {
        struct sr_pty_size size = sr_pty_get_size(o.client_in);
        relay.session.width = size.cols;
        relay.session.height = size.rows;
    }
}

static Napi::Object relay_object(Napi::Env env, const RelayPointer &relay, const Napi::Promise::Deferred &promise) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("sid", Napi::String::New(env, relay->session.sid));
    out.Set("done", promise.Promise());
    out.Set("stop", Napi::Function::New(env, [relay](const Napi::CallbackInfo &) {
                if (!relay->over)
                    relay_ring(relay->stop_fd);
            }));
    out.Set("resized", Napi::Function::New(env, [relay](const Napi::CallbackInfo &) {
                if (!relay->over)
                    relay_signal(*relay, SIGWINCH);
            }));
    return out;
}

Napi::Value run_relay(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    auto relay = std::make_shared<Relay>();
    Arguments a(info[0], "relay");
    const char *call = "relay";
    relay_read(a, *relay);
    if (a.failed())
        return env.Undefined();
    int rc = session_open(relay->session, &relay->record, &call);
    if (rc < 0)
        return fault_throw(env, rc, call, relay->session.dir);
    relay->options.record = relay->record;
    Napi::Promise::Deferred promise = Napi::Promise::Deferred::New(env);
    call = "relay";
    rc = relay_open_fds(*relay);
    if (rc == 0)
        rc = relay_watch(env, relay, promise);
    if (rc == 0)
        rc = relay_start_thread(*relay);
    if (rc < 0) {
        relay->shut();
        return fault_throw(env, rc, call);
    }
    return relay_object(env, relay, promise);
}
