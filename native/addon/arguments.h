/* Reads one options object. The first argument that cannot be meant sets the pending exception; `failed()` is then true and later
 * reads do nothing, so that a function reads all it needs and asks once. */
#ifndef DECNET_ADDON_ARGUMENTS_H
#define DECNET_ADDON_ARGUMENTS_H

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

class Arguments {
  public:
    /* `value` is the options object; `call` is the name in errors. */
    Arguments(Napi::Value value, const char *call);

    bool failed() const {
        return failed_;
    }
    /* Present: neither undefined nor null. */
    bool has(const char *key);

    /* Required ones. Numbers are integers within [low, high]; text has no NUL inside. */
    int64_t integer(const char *key, int64_t low, int64_t high);
    std::string text(const char *key);
    std::vector<std::string> texts(const char *key);
    std::vector<int64_t> integers(const char *key, int64_t low, int64_t high);

    /* The same where absence has a meaning. */
    int64_t integer_or(const char *key, int64_t low, int64_t high, int64_t otherwise);
    std::string text_or(const char *key, const std::string &otherwise);
    bool flag(const char *key); /* false when absent */

    void reject(const std::string &reason);

  private:
    Napi::Value get(const char *key);
    int64_t to_integer(Napi::Value value, const std::string &key, int64_t low, int64_t high);
    std::string to_text(Napi::Value value, const std::string &key);

    Napi::Env env_;
    Napi::Object object_;
    const char *call_;
    bool failed_ = false;
};

/* 2^53 - 1: the greatest integer a JS number holds exactly. */
constexpr int64_t ARGUMENTS_SAFE_MAX = 9007199254740991;
constexpr int64_t ARGUMENTS_FD_MAX = INT32_MAX;

#endif
