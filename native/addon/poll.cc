#include "poll.h"

std::shared_ptr<Poll> Poll::create(Napi::Env env, int fd, Ready ready, int *failure) {
    uv_loop_t *loop = nullptr;
    std::shared_ptr<Poll> poll(new Poll(env));
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
        *failure = UV_EINVAL;
        return nullptr;
    }
    *failure = uv_poll_init(loop, &poll->handle_, fd);
    if (*failure < 0)
        return nullptr;
    poll->ready_ = std::move(ready);
    poll->handle_.data = poll.get();
    poll->alive_ = poll;
    poll->open_ = true;
    if (napi_add_async_cleanup_hook(env, torn_down, poll.get(), &poll->hook_) != napi_ok)
        poll->hook_ = nullptr;
    return poll;
}

int Poll::want(bool readable, bool writable) {
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (!open_)
        return 0;
    return events ? uv_poll_start(&handle_, events, fired) : uv_poll_stop(&handle_);
}

void Poll::ref() {
    if (open_)
        uv_ref(reinterpret_cast<uv_handle_t *>(&handle_));
}

void Poll::unref() {
    if (open_)
        uv_unref(reinterpret_cast<uv_handle_t *>(&handle_));
}

void Poll::close_poll() {
    if (!open_)
        return;
    open_ = false;
    uv_poll_stop(&handle_);
    uv_close(reinterpret_cast<uv_handle_t *>(&handle_), [](uv_handle_t *handle) {
        Poll *poll = static_cast<Poll *>(handle->data);
        std::shared_ptr<Poll> last = std::move(poll->alive_); /* the handle's memory must outlive this callback */
        if (last->hook_)
            napi_remove_async_cleanup_hook(last->hook_);
        last->hook_ = nullptr;
        last->ready_ = nullptr; /* breaks the ring poll -> callback -> state -> poll */
        last->teardown_ = nullptr;
        last->context_.reset();
    });
}

void Poll::torn_down(napi_async_cleanup_hook_handle, void *self) {
    std::shared_ptr<Poll> poll = static_cast<Poll *>(self)->alive_;
    if (!poll)
        return;
    poll->going_ = true;
    if (poll->open_ && poll->teardown_)
        poll->teardown_();
    else
        poll->close_poll();
}

/* A worker that was told to end still runs its loop, but no more JS, some turns before the clean-up hook comes. There is no call
 * that asks: any that could run JS says so. */
static bool poll_can_run_js(napi_env env) {
    napi_value undefined, flag;
    return napi_get_undefined(env, &undefined) == napi_ok && napi_coerce_to_bool(env, undefined, &flag) == napi_ok;
}

void Poll::fired(uv_poll_t *handle, int status, int events) {
    std::shared_ptr<Poll> poll = static_cast<Poll *>(handle->data)->alive_;
    /* A failed poll is shown as readiness: the read or write that follows says what it is. */
    bool readable = status < 0 || (events & UV_READABLE), writable = status < 0 || (events & UV_WRITABLE);
    if (!poll || !poll->ready_)
        return;
    if (poll->going_) {
        poll->ready_(nullptr, readable, writable);
        return;
    }
    Napi::Env env = poll->env_;
    Napi::HandleScope handles(env);
    if (!poll_can_run_js(env)) {
        poll->ready_(nullptr, readable, writable);
        return;
    }
    Napi::CallbackScope callbacks(env, *poll->context_);
    poll->ready_(env, readable, writable);
    if (env.IsExceptionPending())
        napi_fatal_exception(env, env.GetAndClearPendingException().Value());
}
