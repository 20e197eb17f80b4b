/* spawn: a program on given fds, waited for by its pidfd. */
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "arguments.h"
#include "fault.h"
#include "functions.h"
#include "poll.h"

extern "C" {
#include "pty.h"
}

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

#define SPAWN_SIGNAL_LAST 64
#define SPAWN_FD_SCAN_MAX 65536

/* All that the forked child needs, computed before the fork. */
struct spawn_plan {
    const char *cwd;
    bool set_ids;
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t group_count;
    int fd_limit; /* for kernels without close_range */
};

/* In the forked child of a many-threaded process: async-signal-safe calls only. Ids by the bare system calls, because libc's own
 * versions take locks to tell its threads, which this process does not have. */
static int spawn_prepare(void *arg) {
    const spawn_plan *plan = static_cast<const spawn_plan *>(arg);
    struct sigaction plain = {};
    sigset_t none;
    plain.sa_handler = SIG_DFL;
    for (int sig = 1; sig <= SPAWN_SIGNAL_LAST; sig++)
        sigaction(sig, &plain, nullptr); /* Node ignores SIGPIPE, and an ignored signal stays so over exec */
    /* Marked, not closed: the pipe that reports the exec's failure is among them. */
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
        for (int fd = 3; fd < plan->fd_limit; fd++)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    if (plan->cwd && chdir(plan->cwd) < 0)
        return -errno;
    if (plan->set_ids) {
        if (syscall(SYS_setgroups, plan->group_count, plan->groups) < 0)
            return -errno;
        if (plan->gid != static_cast<gid_t>(-1) && syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) < 0)
            return -errno;
        if (plan->uid != static_cast<uid_t>(-1) && syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid) < 0)
            return -errno;
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    return 0;
}

static std::vector<char *> spawn_vector(std::vector<std::string> &texts) {
    std::vector<char *> out;
    for (std::string &text : texts)
        out.push_back(&text[0]);
    out.push_back(nullptr);
    return out;
}

/* Forks with every signal blocked: Node's handlers must not run in the child, where they would write to the parent's pipes. */
static int spawn_fork(const struct sr_pty_child &child, pid_t *pid) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = sr_pty_spawn(&child, pid);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return rc;
}

struct Child {
    pid_t pid = -1;
    int pidfd = -1;
    bool reaped = false;
    std::shared_ptr<Poll> poll;
};

static Napi::Object spawn_exit_object(Napi::Env env, int status) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("status", WIFEXITED(status) ? Napi::Number::New(env, WEXITSTATUS(status)) : env.Null());
    const char *name = WIFSIGNALED(status) ? sr_pty_signal_name(WTERMSIG(status)) : nullptr;
    out.Set("signal", name ? Napi::String::New(env, std::string("SIG") + name) : env.Null());
    return out;
}

static void spawn_reap(napi_env env, Child &child, Napi::Promise::Deferred &exited) {
    int status;
    pid_t got = waitpid(child.pid, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return;
    int failure = -errno;
    child.reaped = true;
    child.poll->close_poll();
    close(child.pidfd);
    if (!env)
        return;
    if (got > 0)
        exited.Resolve(spawn_exit_object(env, status));
    else /* somebody else waited for it */
        exited.Reject(fault_make(env, failure, "waitpid").Value());
}

/* Watches the started child; on failure it is killed and reaped, since nobody would ever wait for it. */
static int spawn_watch(Napi::Env env, const std::shared_ptr<Child> &child, const Napi::Promise::Deferred &exited) {
    int failure = 0;
    child->pidfd = static_cast<int>(syscall(SYS_pidfd_open, child->pid, 0));
    if (child->pidfd < 0)
        failure = -errno;
    else
        child->poll = Poll::create(
            env, child->pidfd, [child, deferred = exited](napi_env e, bool, bool) mutable { spawn_reap(e, *child, deferred); },
            &failure);
    if (failure == 0)
        failure = child->poll->want(true, false);
    if (failure == 0) {
        child->poll->on_teardown([child] {
            child->poll->close_poll();
            close(child->pidfd);
        });
        return 0;
    }
    if (child->poll)
        child->poll->close_poll();
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, nullptr, 0) < 0 && errno == EINTR)
        ;
    if (child->pidfd >= 0)
        close(child->pidfd);
    return failure;
}

static Napi::Value spawn_kill(const Napi::CallbackInfo &info, const Child &child) {
    int sig = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : -1;
    if (sig < 0 || sig > SPAWN_SIGNAL_LAST)
        return fault_throw_argument(info.Env(), "kill", "signal must be a signal's number");
    if (child.reaped) /* the pid may be another's by now; until it is reaped it cannot be */
        return Napi::Boolean::New(info.Env(), false);
    if (kill(child.pid, sig) < 0)
        return fault_throw(info.Env(), -errno, "kill");
    return Napi::Boolean::New(info.Env(), true);
}

static Napi::Object spawn_object(Napi::Env env, const std::shared_ptr<Child> &child, const Napi::Promise::Deferred &exited) {
    Napi::Object out = Napi::Object::New(env);
    out.Set("pid", Napi::Number::New(env, child->pid));
    out.Set("exited", exited.Promise());
    out.Set("kill", Napi::Function::New(env, [child](const Napi::CallbackInfo &info) { return spawn_kill(info, *child); }));
    out.Set("ref", Napi::Function::New(env, [child](const Napi::CallbackInfo &) { child->poll->ref(); }));
    out.Set("unref", Napi::Function::New(env, [child](const Napi::CallbackInfo &) { child->poll->unref(); }));
    return out;
}

Napi::Value spawn_child(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    Arguments a(info[0], "spawn");
    std::string file = a.text("file"), cwd = a.text_or("cwd", "");
    std::vector<std::string> argv = a.texts("argv"), envp = a.texts("env");
    std::vector<int64_t> stdio = a.integers("stdio", -1, ARGUMENTS_FD_MAX), wide;
    int64_t uid = a.integer_or("uid", 0, UINT32_MAX - 1, -1), gid = a.integer_or("gid", 0, UINT32_MAX - 1, -1);
    if (a.has("groups"))
        wide = a.integers("groups", 0, UINT32_MAX - 1);
    else if (gid >= 0)
        wide.push_back(gid);
    bool new_session = a.flag("newSession"), ctty = a.flag("ctty"), left = a.flag("leaveUnreaped");
    if (!a.failed() && (file.empty() || file[0] != '/'))
        a.reject("file must be an absolute path");
    if (!a.failed() && argv.empty())
        a.reject("argv must have at least argv[0]");
    if (!a.failed() && stdio.size() != 3)
        a.reject("stdio must be three file descriptors");
    if (a.failed())
        return env.Undefined();

    std::vector<gid_t> groups(wide.begin(), wide.end());
    std::vector<char *> argv_pointers = spawn_vector(argv), env_pointers = spawn_vector(envp);
    struct rlimit files = {};
    getrlimit(RLIMIT_NOFILE, &files);
    spawn_plan plan = {};
    plan.cwd = cwd.empty() ? nullptr : cwd.c_str();
    plan.set_ids = uid >= 0 || gid >= 0 || a.has("groups");
    plan.uid = static_cast<uid_t>(uid);
    plan.gid = static_cast<gid_t>(gid);
    plan.groups = groups.data();
    plan.group_count = groups.size();
    plan.fd_limit = files.rlim_cur < SPAWN_FD_SCAN_MAX ? static_cast<int>(files.rlim_cur) : SPAWN_FD_SCAN_MAX;

    struct sr_pty_child request = {};
    request.file = file.c_str();
    request.argv = argv_pointers.data();
    request.envp = env_pointers.data();
    for (int i = 0; i < 3; i++)
        request.stdio[i] = static_cast<int>(stdio[static_cast<size_t>(i)]);
    request.new_session = new_session;
    request.ctty = ctty;
    request.prepare = spawn_prepare;
    request.prepare_arg = &plan;
    request.report = true;

    auto child = std::make_shared<Child>();
    int rc = spawn_fork(request, &child->pid);
    if (rc < 0)
        return fault_throw(env, rc, "spawn", file);
    Napi::Promise::Deferred exited = Napi::Promise::Deferred::New(env);
    if (left) { /* for a relay, which waits for it itself */
        Napi::Object out = Napi::Object::New(env);
        out.Set("pid", Napi::Number::New(env, child->pid));
        return out;
    }
    rc = spawn_watch(env, child, exited);
    return rc < 0 ? fault_throw(env, rc, "pidfd_open") : spawn_object(env, child, exited);
}
