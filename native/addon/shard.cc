/* openShard: one session written through the recorder's own writer, for programs that make shards. Lines are written on the
 * calling thread before the call returns, as fs.writeSync would. */
#include <cerrno>

#include "fault.h"
#include "functions.h"
#include "session.h"

struct Shard {
    Session session;
    struct sr_record *record = nullptr;
    uint64_t bytes_in = 0, bytes_out = 0;
    int64_t last_t_ns = 0;
    unsigned failed = 0;
    bool ended = false;

    void shut() {
        sr_record_destroy(record);
        record = nullptr;
    }
    ~Shard() {
        shut();
    }
};

using ShardPointer = std::shared_ptr<Shard>;

/* Whether a line can follow, and its time; false with the exception set. */
static bool shard_begin(const Napi::CallbackInfo &info, Shard &shard, const char *call, double t_us, int64_t *t_ns) {
    if (!shard.record || shard.ended) {
        fault_throw(info.Env(), -EBADF, call);
        return false;
    }
    if (!(t_us >= 0 && t_us <= 9e15) || static_cast<double>(static_cast<int64_t>(t_us)) != t_us) {
        fault_throw_argument(info.Env(), call, "tUs must be whole microseconds since the session's start");
        return false;
    }
    *t_ns = static_cast<int64_t>(t_us) * 1000;
    if (*t_ns < shard.last_t_ns) {
        fault_throw_argument(info.Env(), call, "tUs must not fall");
        return false;
    }
    shard.last_t_ns = *t_ns;
    return true;
}

/* The record swallows what the disk refused, since a login must go on; a program that makes shards wants to know. */
static Napi::Value shard_finish(Napi::Env env, Shard &shard, const char *call) {
    struct sr_record_anchor anchor;
    sr_record_anchor(shard.record, &anchor);
    bool failed = anchor.failed > shard.failed;
    shard.failed = anchor.failed;
    return failed ? fault_throw(env, anchor.failure ? anchor.failure : -EIO, call, anchor.shard) : env.Undefined();
}

static double shard_number(Napi::Value value) {
    return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
}

static Napi::Value shard_append(const Napi::CallbackInfo &info, Shard &shard) {
    Napi::Env env = info.Env();
    std::string ch = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : std::string();
    int64_t t_ns;
    if (ch.size() != 1 || std::string("ioec").find(ch) == std::string::npos)
        return fault_throw_argument(env, "write", "ch must be one of i, o, e, c");
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
        return fault_throw_argument(env, "write", "bytes must be a Uint8Array");
    if (!shard_begin(info, shard, "write", shard_number(info[1]), &t_ns))
        return env.Undefined();
    Napi::Uint8Array bytes = info[2].As<Napi::Uint8Array>();
    if (ch == "i")
        shard.bytes_in += bytes.ByteLength();
    else if (ch != "c")
        shard.bytes_out += bytes.ByteLength();
    sr_record_data(shard.record, t_ns, static_cast<sr_event_ch>(ch[0]), bytes.Data(), bytes.ByteLength(), info[3].ToBoolean());
    return shard_finish(env, shard, "write");
}

static Napi::Value shard_resize(const Napi::CallbackInfo &info, Shard &shard) {
    double width = shard_number(info[1]), height = shard_number(info[2]);
    int64_t t_ns;
    if (!(width >= 1 && width <= UINT16_MAX && height >= 1 && height <= UINT16_MAX))
        return fault_throw_argument(info.Env(), "write", "width and height must be from 1 to 65535");
    if (!shard_begin(info, shard, "write", shard_number(info[0]), &t_ns))
        return info.Env().Undefined();
    sr_record_resize(shard.record, t_ns, static_cast<unsigned>(width), static_cast<unsigned>(height));
    return shard_finish(info.Env(), shard, "write");
}

static Napi::Value shard_end(const Napi::CallbackInfo &info, Shard &shard) {
    Napi::Env env = info.Env();
    Arguments a(info[1], "write");
    std::string reason = a.text("reason"), signal = a.text_or("signal", "");
    struct sr_event_end end = {};
    int64_t t_ns;
    end.status = static_cast<int>(a.integer_or("status", 0, 255, -1));
    end.undelivered = static_cast<uint64_t>(a.integer_or("undelivered", 0, ARGUMENTS_SAFE_MAX, 0));
    if (!a.failed() && reason != "exit" && reason != "signal" && reason != "hangup" && reason != "terminated")
        a.reject("reason must be exit, signal, hangup or terminated");
    if (a.failed() || !shard_begin(info, shard, "write", shard_number(info[0]), &t_ns))
        return env.Undefined();
    end.reason = reason.c_str();
    end.signal_name = signal.empty() ? nullptr : signal.c_str();
    end.bytes_in = shard.bytes_in;
    end.bytes_out = shard.bytes_out;
    shard.ended = true;
    sr_record_end(shard.record, t_ns, &end);
    return shard_finish(env, shard, "write");
}

static Napi::Value shard_anchor(const Napi::CallbackInfo &info, Shard &shard) {
    return shard.record ? session_anchor_object(info.Env(), shard.record) : fault_throw(info.Env(), -EBADF, "anchor");
}

Napi::Value open_shard(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    auto shard = std::make_shared<Shard>();
    Session &session = shard->session;
    Arguments a(info[0], "open");
    const char *call;
    session_read(a, "dir", session);
    session.width = static_cast<unsigned>(a.integer_or("width", 1, UINT16_MAX, session.width));
    session.height = static_cast<unsigned>(a.integer_or("height", 1, UINT16_MAX, session.height));
    if (a.failed())
        return env.Undefined();
    int rc = session_open(session, &shard->record, &call);
    if (rc < 0)
        return fault_throw(env, rc, call, session.dir);

    using Method = Napi::Value (*)(const Napi::CallbackInfo &, Shard &);
    const std::pair<const char *, Method> methods[] = {
        {"appendData", shard_append}, {"resize", shard_resize}, {"end", shard_end}, {"anchor", shard_anchor}};
    Napi::Object out = Napi::Object::New(env);
    out.Set("sid", Napi::String::New(env, session.sid));
    for (const auto &method : methods)
        out.Set(method.first,
                Napi::Function::New(
                    env, [shard, run = method.second](const Napi::CallbackInfo &call_info) { return run(call_info, *shard); },
                    method.first));
    out.Set("close", Napi::Function::New(
                         env, [shard](const Napi::CallbackInfo &) { shard->shut(); }, "close"));
    return out;
}
