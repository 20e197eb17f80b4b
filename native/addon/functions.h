/* The addon's functions, one file each or a few that belong together; addon.cc lists them, src/native/addon-types.ts types them.
 */
#ifndef DECNET_ADDON_FUNCTIONS_H
#define DECNET_ADDON_FUNCTIONS_H

#include <napi.h>

/* pty.cc */
Napi::Value open_pty(const Napi::CallbackInfo &info);
Napi::Value open_pipe(const Napi::CallbackInfo &info);
Napi::Value set_size(const Napi::CallbackInfo &info);
Napi::Value get_size(const Napi::CallbackInfo &info);
Napi::Value close_fd(const Napi::CallbackInfo &info);

/* spawn.cc */
Napi::Value spawn_child(const Napi::CallbackInfo &info);

/* fd-watch.cc */
Napi::Value watch_fd(const Napi::CallbackInfo &info);

/* relay.cc */
Napi::Value run_relay(const Napi::CallbackInfo &info);

/* shard.cc */
Napi::Value open_shard(const Napi::CallbackInfo &info);

/* system.cc */
Napi::Value stat_disk(const Napi::CallbackInfo &info);
Napi::Value sha256_accelerated(const Napi::CallbackInfo &info);
Napi::Value peer_cred(const Napi::CallbackInfo &info);

/* service.cc */
Napi::Value notify_socket(const Napi::CallbackInfo &info);
Napi::Value try_lock(const Napi::CallbackInfo &info);

/* evidence.cc */
Napi::Value set_append_only(const Napi::CallbackInfo &info);
Napi::Value is_append_only(const Napi::CallbackInfo &info);
Napi::Value preallocate(const Napi::CallbackInfo &info);

#endif
