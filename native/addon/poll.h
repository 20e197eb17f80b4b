/* One fd watched by Node's own event loop: the only way by which anything here waits. Everything (output of a terminal, a child's
 * pidfd, a relay's eventfd) is a readable fd, so that no call blocks the loop and no thread calls into JS. */
#ifndef DECNET_ADDON_POLL_H
#define DECNET_ADDON_POLL_H

#include <napi.h>
#include <uv.h>

#include <functional>
#include <memory>

class Poll : public std::enable_shared_from_this<Poll> {
  public:
    /* Called in a JS callback scope (promises settled here run their reactions), or, when the environment is being torn down,
     * outside of one: then `env` is null and JS must be left alone. */
    using Ready = std::function<void(napi_env env, bool readable, bool writable)>;

    /* `fd` stays the caller's until `close_poll`; libuv makes it non-blocking. NULL and *failure = -errno where it cannot be
     * watched. */
    static std::shared_ptr<Poll> create(Napi::Env env, int fd, Ready ready, int *failure);

    /* What to do when the environment goes: by default the poll is closed. A relay asks its thread to stop instead and closes
     * later. */
    void on_teardown(std::function<void()> teardown) {
        teardown_ = std::move(teardown);
    }

    int want(bool readable, bool writable);
    void ref();
    void unref();
    bool open() const {
        return open_;
    }
    /* Stops watching; `fd` may be closed as soon as this returns. Idempotent. */
    void close_poll();

  private:
    explicit Poll(Napi::Env env) : env_(env), context_(new Napi::AsyncContext(env, "decnet.poll")) {}
    static void fired(uv_poll_t *handle, int status, int events);
    static void torn_down(napi_async_cleanup_hook_handle hook, void *self);

    Napi::Env env_;
    std::unique_ptr<Napi::AsyncContext> context_; /* until closed: it must not outlive the environment */
    uv_poll_t handle_{};
    napi_async_cleanup_hook_handle hook_ = nullptr;
    std::shared_ptr<Poll> alive_; /* libuv's reference: from create until its close callback */
    Ready ready_;
    std::function<void()> teardown_;
    bool open_ = false, going_ = false;
};

#endif
