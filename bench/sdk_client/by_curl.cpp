// What a program would do that uses libcurl directly: handles and connections are kept, and set up as the
// SDK's are.
#include "http/client/curl_handle.hpp"
#include "sdk_client/measure.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace drukbox::bench {
namespace {

void check(CURLcode code)
{
    if (code != CURLE_OK) {
        throw std::runtime_error(curl_easy_strerror(code));
    }
}

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) noexcept
{
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
}

/// One handle, used for one request after the other.
class Transfer
{
public:
    explicit Transfer(const std::string& url)
        : handle_(curl_easy_init())
    {
        CURL* handle = handle_.get();
        const std::string authorization = "Authorization: Bearer " + token;
        headers_.reset(curl_slist_append(nullptr, "Accept: application/json"));
        curl_slist_append(headers_.get(), authorization.c_str());
        curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
        curl_easy_setopt(handle, CURLOPT_USERAGENT, "drukbox");
        curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 300'000L);
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &append);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body_);
        curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
    }

    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }

    void begin()
    {
        body_ = std::string{};
        began_ = Clock::now();
    }

    [[nodiscard]] Clock::duration end(CURLcode code) const
    {
        const auto took = Clock::now() - began_;
        check(code);
        long status = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 || body_.empty()) {
            throw std::runtime_error("unexpected status " + std::to_string(status));
        }
        return took;
    }

private:
    http::CurlList headers_;
    http::CurlEasy handle_;
    std::string body_;
    Clock::time_point began_;
};

Measured one_at_a_time(const std::string& url, std::size_t total)
{
    Measured measured;
    measured.each.reserve(total);
    Transfer transfer{url};
    const auto start = Clock::now();
    for (std::size_t i = 0; i < total; ++i) {
        transfer.begin();
        measured.each.push_back(transfer.end(curl_easy_perform(transfer.handle())));
    }
    measured.all = Clock::now() - start;
    return measured;
}

} // namespace

Measured get_by_curl(const Load& load)
{
    const std::string url = load.base_url + "/hosts/" + load.host_id;
    if (load.in_flight == 1) {
        return one_at_a_time(url, load.total);
    }
    Measured measured;
    measured.each.reserve(load.total);
    const http::CurlMulti multi{curl_multi_init()};
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(load.in_flight) + 5);
    std::vector<std::unique_ptr<Transfer>> transfers;
    std::size_t begun = 0;
    const auto begin = [&](Transfer& transfer) {
        ++begun;
        transfer.begin();
        curl_multi_add_handle(multi.get(), transfer.handle());
    };
    const auto start = Clock::now();
    while (transfers.size() < load.in_flight) {
        begin(*transfers.emplace_back(std::make_unique<Transfer>(url)));
    }
    while (measured.each.size() < load.total) {
        int running = 0;
        curl_multi_perform(multi.get(), &running);
        int left = 0;
        bool any = false;
        while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
            const CURLcode code = message->data.result;
            Transfer* transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            curl_multi_remove_handle(multi.get(), transfer->handle());
            measured.each.push_back(transfer->end(code));
            if (begun < load.total) {
                begin(*transfer);
            }
            any = true;
        }
        if (!any) {
            curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
        }
    }
    measured.all = Clock::now() - start;
    return measured;
}

Measured list_by_curl(const Load& load)
{
    return one_at_a_time(load.base_url + "/hosts", load.total);
}

} // namespace drukbox::bench
