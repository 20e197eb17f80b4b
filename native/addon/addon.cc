/* decnet_native: the recorder's core as a Node-API module. */
#include "functions.h"

static Napi::Object addon_init(Napi::Env env, Napi::Object exports) {
    struct {
        const char *name;
        Napi::Value (*function)(const Napi::CallbackInfo &);
    } const functions[] = {
        {"openPty", open_pty},
        {"openPipe", open_pipe},
        {"setSize", set_size},
        {"getSize", get_size},
        {"closeFd", close_fd},
        {"spawn", spawn_child},
        {"watchFd", watch_fd},
        {"relay", run_relay},
        {"openShard", open_shard},
        {"statvfs", stat_disk},
        {"sha256Accelerated", sha256_accelerated},
        {"peerCred", peer_cred},
        {"notifySocket", notify_socket},
        {"tryLock", try_lock},
        {"setAppendOnly", set_append_only},
        {"isAppendOnly", is_append_only},
        {"preallocate", preallocate},
    };
    for (const auto &f : functions)
        exports.Set(f.name, Napi::Function::New(env, f.function, f.name));
    return exports;
}

NODE_API_MODULE(decnet_native, addon_init)
