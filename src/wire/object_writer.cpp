#include "wire/object_writer.hpp"

namespace drukbox::wire {

void ObjectWriter::string(std::string_view key, std::string_view value)
{
    this->key(key);
    append_json_string(out_, value, escapes_);
}

void ObjectWriter::integer(std::string_view key, std::int64_t value)
{
    this->key(key);
    out_ += std::to_string(value);
}

void ObjectWriter::boolean(std::string_view key, bool value)
{
    this->key(key);
    out_ += value ? "true" : "false";
}

void ObjectWriter::null(std::string_view key)
{
    this->key(key);
    out_ += "null";
}

void ObjectWriter::key(std::string_view key)
{
    separate();
    out_ += '"';
    out_ += key;
    out_ += "\":";
}

void ObjectWriter::text_key(std::string_view key)
{
    separate();
    append_json_string(out_, key, escapes_);
    out_ += ':';
}

void ObjectWriter::separate()
{
    if (!first_) {
        out_ += ',';
    }
    first_ = false;
}

} // namespace drukbox::wire
