#include "arguments.h"

#include <cmath>

#include "fault.h"

Arguments::Arguments(Napi::Value value, const char *call) : env_(value.Env()), call_(call) {
    if (value.IsObject())
        object_ = value.As<Napi::Object>();
    else
        reject("an options object is needed");
}

void Arguments::reject(const std::string &reason) {
    if (!failed_)
        fault_throw_argument(env_, call_, reason);
    failed_ = true;
}

Napi::Value Arguments::get(const char *key) {
    if (failed_)
        return env_.Undefined();
    Napi::Value value = object_.Get(key);
    if (env_.IsExceptionPending()) {
        failed_ = true; /* a getter threw: that is the error to show */
        return env_.Undefined();
    }
    return value;
}

bool Arguments::has(const char *key) {
    Napi::Value value = get(key);
    return !failed_ && !value.IsUndefined() && !value.IsNull();
}

int64_t Arguments::to_integer(Napi::Value value, const std::string &key, int64_t low, int64_t high) {
    double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
    if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) || number != std::floor(number)) {
        reject(key + " must be an integer from " + std::to_string(low) + " to " + std::to_string(high));
        return low;
    }
    return static_cast<int64_t>(number);
}

std::string Arguments::to_text(Napi::Value value, const std::string &key) {
    std::string text = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
    if (!value.IsString() || text.find('\0') != std::string::npos)
        reject(key + " must be a string without NUL");
    return text;
}

int64_t Arguments::integer(const char *key, int64_t low, int64_t high) {
    Napi::Value value = get(key);
    return failed_ ? low : to_integer(value, key, low, high);
}

std::string Arguments::text(const char *key) {
    Napi::Value value = get(key);
    return failed_ ? std::string() : to_text(value, key);
}

std::vector<std::string> Arguments::texts(const char *key) {
    std::vector<std::string> out;
    Napi::Value value = get(key);
    if (failed_)
        return out;
    if (!value.IsArray()) {
        reject(std::string(key) + " must be an array of strings");
        return out;
    }
    Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length() && !failed_; i++)
        out.push_back(to_text(array.Get(i), std::string(key) + "[" + std::to_string(i) + "]"));
    return out;
}

std::vector<int64_t> Arguments::integers(const char *key, int64_t low, int64_t high) {
    std::vector<int64_t> out;
    Napi::Value value = get(key);
    if (failed_)
        return out;
    if (!value.IsArray()) {
        reject(std::string(key) + " must be an array of integers");
        return out;
    }
    Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length() && !failed_; i++)
        out.push_back(to_integer(array.Get(i), std::string(key) + "[" + std::to_string(i) + "]", low, high));
    return out;
}

int64_t Arguments::integer_or(const char *key, int64_t low, int64_t high, int64_t otherwise) {
    return has(key) ? integer(key, low, high) : otherwise;
}

std::string Arguments::text_or(const char *key, const std::string &otherwise) {
    return has(key) ? text(key) : otherwise;
}

bool Arguments::flag(const char *key) {
    Napi::Value value = get(key);
    if (failed_ || value.IsUndefined())
        return false;
    if (!value.IsBoolean()) {
        reject(std::string(key) + " must be true or false");
        return false;
    }
    return value.As<Napi::Boolean>().Value();
}
