#include "http/client/carrier.hpp"

#include <algorithm>
#include <new>

#include <sys/socket.h>
#include <unistd.h>

namespace drukbox::http {
namespace {

constexpr std::size_t max_header_bytes = 256U << 10U;

curl_socket_t open_socket(void* open_sockets, curlsocktype, curl_sockaddr* address) noexcept
{
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    ++*static_cast<std::size_t*>(open_sockets);
    return fd;
}

int close_socket(void* open_sockets, curl_socket_t fd) noexcept
{
    --*static_cast<std::size_t*>(open_sockets);
    return ::close(fd);
}

bool is_token(std::string_view text) noexcept
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != marks.npos;
    });
}

bool is_field_value(std::string_view text) noexcept
{
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view space = " \t\r\n";
    const auto first = text.find_first_not_of(space);
    return first == text.npos ? std::string_view{}
                              : text.substr(first, text.find_last_not_of(space) - first + 1);
}

TransportFailure meaning(CURLcode code) noexcept
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return TransportFailure::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return TransportFailure::connect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return TransportFailure::tls;
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return TransportFailure::send;
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: // also an answer that is not HTTP/1
        return TransportFailure::receive;
    case CURLE_OPERATION_TIMEDOUT:
        return TransportFailure::timeout;
    case CURLE_FILESIZE_EXCEEDED:
        return TransportFailure::too_large;
    default:
        return TransportFailure::other;
    }
}

} // namespace

Carrier::Carrier(const ClientOptions& options, std::size_t& open_sockets)
    : easy_(curl_easy_init())
    , max_body_bytes_(options.max_body_bytes)
{
    if (!easy_) {
        throw std::bad_alloc();
    }
    const auto set_text = [&](CURLoption option, const std::string& text) {
        if (!text.empty()) {
            set(option, text.c_str());
        }
    };
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Carrier::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Carrier::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, &open_sockets);
    set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    set(CURLOPT_CLOSESOCKETDATA, &open_sockets);

    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    // A resolver thread that hangs is left to itself: it must hold neither a timeout nor a cancel nor the
    // end.
    set(CURLOPT_QUICK_EXIT, 1L);
    // An answer may take minutes, longer than many a NAT remembers a silent connection.
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));

    set_text(CURLOPT_USERAGENT, options.user_agent);
    set_text(CURLOPT_CAINFO, options.ca_file);
    set_text(CURLOPT_CAPATH, options.ca_directory);
    set_text(CURLOPT_SSLCERT, options.client_certificate);
    set_text(CURLOPT_SSLKEY, options.client_key);
    set(CURLOPT_SSL_VERIFYPEER, options.verify_tls ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, options.verify_tls ? 2L : 0L);
    set_text(CURLOPT_PROXY, options.proxy);
    if (options.direct) {
        set(CURLOPT_PROXY, "");
    }
    if (!options.unix_socket.empty()) {
        set(CURLOPT_UNIX_SOCKET_PATH, options.unix_socket.c_str());
        set(CURLOPT_PROXY, ""); // none, not the environment's
    }
}

void Carrier::load(const Request& request, std::chrono::milliseconds timeout)
{
    response_ = Response();
    header_bytes_ = 0;
    header_complete_ = false;
    too_large_ = false;
    sink_ = request.sink;
    error_.front() = '\0';

    set_method(request);
    set_headers(request);
    set_signature(request);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_FRESH_CONNECT, request.idempotent ? 0L : 1L);
    // The length that an answer to HEAD announces is not one that will come.
    set(CURLOPT_MAXFILESIZE_LARGE,
        static_cast<curl_off_t>(request.method == "HEAD" || request.sink ? 0 : max_body_bytes_));
}

void Carrier::set_method(const Request& request)
{
    if (!is_token(request.method)) {
        throw TransportError(TransportFailure::other, "malformed request method");
    }
    const char* method = request.method.c_str();
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_CUSTOMREQUEST, request.method == "GET" ? nullptr : method);
    if (request.method == "HEAD") {
        if (request.body) {
            throw TransportError(TransportFailure::other, "a HEAD request cannot have a body");
        }
        set(CURLOPT_NOBODY, 1L);
    } else if (request.body || request.method == "POST" || request.method == "PUT") {
        const std::string_view body = request.body ? std::string_view(*request.body) : std::string_view("");
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        set(CURLOPT_POSTFIELDS, body.data());
        set(CURLOPT_CUSTOMREQUEST, method);
    }
}

void Carrier::set_headers(const Request& request)
{
    if (headers_ && request.headers == headers_set_ && request.aws_signature.has_value() == signs_) {
        return; // as for the request before
    }
    headers_set_ = Headers();
    CurlList list;
    const auto append = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) {
            throw std::bad_alloc();
        }
        static_cast<void>(list.release());
        list.reset(longer);
    };
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || !is_field_value(value)) {
            throw TransportError(TransportFailure::other, "malformed request header field");
        }
        append(value.empty() ? name + ';' : name + ": " + value);
    }
    // Not sent, where curl would add its own. libcurl 7.88 signs a field that is not sent, too.
    if (!request.aws_signature) {
        append("Expect:");
        if (!request.headers.find("Content-Type")) {
            append("Content-Type:");
        }
    }
    set(CURLOPT_HTTPHEADER, list.get());
    headers_ = std::move(list);
    headers_set_ = request.headers;
}

void Carrier::set_signature(const Request& request)
{
    if (const auto& signature = request.aws_signature) {
        set(CURLOPT_AWS_SIGV4, ("aws:amz:" + signature->region + ":" + signature->service).c_str());
        set(CURLOPT_USERNAME, signature->access_key.c_str());
        set(CURLOPT_PASSWORD, signature->secret_key.c_str());
        signs_ = true;
    } else if (signs_) {
        set(CURLOPT_AWS_SIGV4, nullptr);
        set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        set(CURLOPT_USERNAME, nullptr);
        set(CURLOPT_PASSWORD, nullptr);
        signs_ = false;
    }
}

template <typename Value>
void Carrier::set(CURLoption option, Value value)
{
    if (const CURLcode code = curl_easy_setopt(easy_.get(), option, value); code != CURLE_OK) {
        throw TransportError(TransportFailure::other, curl_easy_strerror(code));
    }
}

Response Carrier::take_response(CURLcode code)
{
    sink_.reset();
    if (code != CURLE_OK) {
        throw failure(code);
    }
    // curl takes a connection that ends within the header for the end of a body without length.
    if (!header_complete_) {
        throw TransportError(TransportFailure::receive, "Connection closed before the end of the header");
    }
    return std::move(response_);
}

TransportError Carrier::failure(CURLcode code) const
{
    if (too_large_) {
        return {TransportFailure::too_large, "Maximum size of an answer exceeded"};
    }
    return {meaning(code), error_.front() != '\0' ? error_.data() : curl_easy_strerror(code)};
}

bool Carrier::take_header_line(std::string_view line)
{
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes) {
        too_large_ = true;
        return false;
    }
    if (header_complete_) {
        return true; // a trailer
    }
    if (line.starts_with("HTTP/")) {
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        response_ = Response(static_cast<unsigned>(status)); // forgets an interim answer
        return true;
    }
    const std::string_view content = trimmed(line);
    if (content.empty()) {
        header_complete_ = response_.status >= 200;
        return true;
    }
    if (const auto colon = content.find(':'); colon != content.npos) {
        response_.headers.add(std::string(content.substr(0, colon)),
                              std::string(trimmed(content.substr(colon + 1))));
    }
    return true;
}

bool Carrier::take_body(std::string_view data)
{
    if (sink_ && response_.status >= 200 && response_.status < 300) {
        sink_->take(data);
        return true;
    }
    if (data.size() > max_body_bytes_ - response_.body.size()) {
        too_large_ = true;
        return false;
    }
    if (response_.body.empty()) {
        reserve_body(data.size());
    }
    response_.body.append(data);
    return true;
}

// Room for all of an answer that has said how long it will be, unless it has come in one piece.
void Carrier::reserve_body(std::size_t received)
{
    curl_off_t announced = -1;
    curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > static_cast<curl_off_t>(received)) {
        response_.body.reserve(std::min(static_cast<std::size_t>(announced), max_body_bytes_));
    }
}

// A callback that returns less than it was given ends the transfer. Running out of memory ends the process,
// as everywhere on the I/O thread: nobody could be told.
std::size_t Carrier::on_header(char* data, std::size_t size, std::size_t count, void* carrier) noexcept
{
    return static_cast<Carrier*>(carrier)->take_header_line({data, size * count}) ? size * count : 0;
}

std::size_t Carrier::on_body(char* data, std::size_t size, std::size_t count, void* carrier) noexcept
{
    return static_cast<Carrier*>(carrier)->take_body({data, size * count}) ? size * count : 0;
}

} // namespace drukbox::http
