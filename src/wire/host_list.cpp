#include "wire/host_list.hpp"

#include "wire/host_record.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace drukbox::wire {
namespace {

namespace json = boost::json;

// What the text of a host seldom falls below.
constexpr std::size_t least_usual_size = 500;
constexpr std::size_t most_expected = 50'000;

using json::error_code;
using json::string_view;

// What the parser calls as it reads: builds the tree of the array's present element, and makes a host of it
// where the element ends.
class HostListHandler
{
public:
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;

    /// For a text of `size` bytes.
    explicit HostListHandler(std::size_t size)
    {
        // More than will come: what is not used costs no memory, and growing would cost twice the hosts'.
        hosts_.reserve(std::min(size / least_usual_size, most_expected));
        stack_.reset(&memory_);
    }

    HostListHandler(const HostListHandler&) = delete;
    HostListHandler& operator=(const HostListHandler&) = delete;
    ~HostListHandler() = default;

    std::vector<SandboxHost> take() { return std::move(hosts_); }

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code&) { return true; }

    bool on_array_begin(error_code&)
    {
        ++depth_;
        return true;
    }

    bool on_array_end(std::size_t size, error_code&)
    {
        --depth_;
        if (depth_ > 0) {
            stack_.push_array(size);
            finish_value();
        }
        return true;
    }

    bool on_object_begin(error_code&)
    {
        expect_array();
        ++depth_;
        return true;
    }

    bool on_object_end(std::size_t size, error_code&)
    {
        --depth_;
        stack_.push_object(size);
        finish_value();
        return true;
    }

    bool on_key_part(string_view text, std::size_t, error_code&)
    {
        stack_.push_chars(text);
        return true;
    }

    bool on_key(string_view text, std::size_t, error_code&)
    {
        stack_.push_key(text);
        return true;
    }

    bool on_string_part(string_view text, std::size_t, error_code&)
    {
        expect_array();
        stack_.push_chars(text);
        return true;
    }

    bool on_string(string_view text, std::size_t, error_code&)
    {
        return scalar([&] { stack_.push_string(text); });
    }

    bool on_number_part(string_view, error_code&) { return true; }

    bool on_int64(std::int64_t number, string_view, error_code&)
    {
        return scalar([&] { stack_.push_int64(number); });
    }

    bool on_uint64(std::uint64_t number, string_view, error_code&)
    {
        return scalar([&] { stack_.push_uint64(number); });
    }

    bool on_double(double number, string_view, error_code&)
    {
        return scalar([&] { stack_.push_double(number); });
    }

    bool on_bool(bool value, error_code&)
    {
        return scalar([&] { stack_.push_bool(value); });
    }

    bool on_null(error_code&)
    {
        return scalar([&] { stack_.push_null(); });
    }

    bool on_comment_part(string_view, error_code&) { return true; }

    bool on_comment(string_view, error_code&) { return true; }

private:
    void expect_array() const
    {
        if (depth_ == 0) {
            throw ShapeError("hosts: expected an array");
        }
    }

    template <class Push>
    bool scalar(const Push& push)
    {
        expect_array();
        push();
        finish_value();
        return true;
    }

    void finish_value()
    {
        if (depth_ > 1) {
            return;
        }
        hosts_.push_back(parse_host(stack_.release()));
        memory_.release();
        stack_.reset(&memory_);
    }

    std::array<unsigned char, 16384> buffer_;
    json::monotonic_resource memory_{buffer_.data(), buffer_.size()};
    json::value_stack stack_;
    std::size_t depth_ = 0;
    std::vector<SandboxHost> hosts_;
};

} // namespace

std::vector<SandboxHost> read_hosts(std::string_view text)
{
    json::basic_parser<HostListHandler> parser{json::parse_options{}, text.size()};
    error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size()) {
        error = json::error::extra_data;
    }
    if (error) {
        throw boost::system::system_error(error);
    }
    return parser.handler().take();
}

} // namespace drukbox::wire
