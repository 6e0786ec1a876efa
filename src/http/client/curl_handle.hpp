#pragma once

#include <curl/curl.h>

#include <memory>

namespace drukbox::http {

// curl's handle types are all void unless CURL_STRICTER is defined, so each has a deleter of its own.

struct CurlEasyRelease
{
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

struct CurlMultiRelease
{
    void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};

struct CurlListRelease
{
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using CurlEasy = std::unique_ptr<CURL, CurlEasyRelease>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiRelease>;
using CurlList = std::unique_ptr<curl_slist, CurlListRelease>;

} // namespace drukbox::http
