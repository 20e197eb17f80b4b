#include "session.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern "C" {
#include "clock.h"
#include "config.h"
}

static bool session_is_sid(const std::string &sid) {
    const std::string form = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
    if (sid.size() != form.size())
        return false;
    for (size_t i = 0; i < form.size(); i++) {
        const char *allowed = form[i] == 'x' ? "0123456789abcdef" : form[i] == 'v' ? "89ab" : form[i] == '4' ? "4" : "-";
        if (!std::strchr(allowed, sid[i]) || sid[i] == '\0')
            return false;
    }
    return true;
}

void session_read(Arguments &a, const char *dir_key, Session &s) {
    struct sr_config defaults;
    sr_config_defaults(&defaults);
    s.dir = a.text(dir_key);
    s.service = a.text("service");
    s.user = a.text("user");
    s.has_src_ip = a.has("srcIp");
    s.src_ip = a.text_or("srcIp", "");
    s.has_tty = a.has("tty");
    s.tty = a.text_or("tty", "");
    s.has_term = a.has("term");
    s.term = a.text_or("term", "");
    s.shell = a.text_or("shell", defaults.shell);
    auto bytes = [&a](const char *key, uint64_t otherwise) {
        return static_cast<uint64_t>(a.integer_or(key, 0, ARGUMENTS_SAFE_MAX, static_cast<int64_t>(otherwise)));
    };
    s.session_cap_bytes = bytes("sessionCapBytes", defaults.session_cap_bytes);
    s.input_reserve_bytes = bytes("inputReserveBytes", defaults.input_reserve_bytes);
    s.min_free_bytes = bytes("minFreeBytes", defaults.min_free_bytes);
    s.max_day_bytes = bytes("maxDayBytes", defaults.max_day_bytes);
    std::string sid = a.text_or("sid", "");
    if (!a.failed() && a.has("sid") && !session_is_sid(sid))
        a.reject("sid must be a lower-case UUIDv4");
    if (!a.failed() && !sid.empty())
        std::memcpy(s.sid, sid.c_str(), sizeof s.sid);
    s.t0_mono_ns = sr_clock_mono_ns();
    s.t0_real_ns = a.integer_or("t0Us", 0, INT64_MAX / 2000, sr_clock_real_ns() / 1000) * 1000;
}

int session_open(Session &s, struct sr_record **record, const char **call) {
    struct sr_record_options options = {};
    struct sr_event_header header = {};
    int dir_fd, rc = 0;
    *call = "getrandom";
    if (s.sid[0] == '\0' && (rc = sr_uuid_v4(s.sid)) < 0)
        return rc;
    *call = "open";
    dir_fd = open(s.dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return -errno;
    /* A shard is of the day it is written on, whatever the time an importer gives its session. */
    rc = sr_shard_open(&options.shard, dir_fd, geteuid(), static_cast<uid_t>(-1), static_cast<gid_t>(-1), sr_clock_real_ns());
    if (rc < 0)
        return rc;
    options.shard.max_day_bytes = s.max_day_bytes;
    options.session_cap_bytes = s.session_cap_bytes;
    options.input_reserve_bytes = s.input_reserve_bytes;
    options.min_free_bytes = s.min_free_bytes;
    options.t0_mono_ns = s.t0_mono_ns;
    *call = "record";
    rc = sr_record_create(record, &options, s.sid);
    if (rc < 0)
        return rc;
    header.width = s.width;
    header.height = s.height;
    header.t0_real_ns = s.t0_real_ns;
    header.shell = s.shell.c_str();
    header.term = s.has_term ? s.term.c_str() : nullptr;
    header.service = s.service.c_str();
    header.user = s.user.c_str();
    header.src_ip = s.has_src_ip ? s.src_ip.c_str() : nullptr;
    header.tty = s.has_tty ? s.tty.c_str() : nullptr;
    sr_record_header(*record, &header);
    return 0;
}

Napi::Object session_anchor_object(Napi::Env env, struct sr_record *record) {
    struct sr_record_anchor anchor;
    sr_record_anchor(record, &anchor);
    Napi::Object out = Napi::Object::New(env);
    out.Set("lines", Napi::Number::New(env, static_cast<double>(anchor.lines)));
    out.Set("bytes", Napi::Number::New(env, static_cast<double>(anchor.bytes)));
    out.Set("sha256", Napi::String::New(env, anchor.sha256));
    out.Set("shard", Napi::String::New(env, anchor.shard));
    out.Set("parts", Napi::Number::New(env, anchor.parts));
    out.Set("truncated", Napi::Boolean::New(env, anchor.truncated));
    out.Set("failed", Napi::Number::New(env, anchor.failed));
    return out;
}
