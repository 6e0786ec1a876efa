// One contender of script/bench-sdk for one round: asks a server on loopback and prints what that took, as
// JSON.
//
//     sdk_bench WHO BASE_URL HOST_ID IN_FLIGHT TOTAL
#include "sdk_client/measure.hpp"

#include <boost/json.hpp>
#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

namespace {

using namespace drukbox::bench;

double microseconds(Clock::duration duration)
{
    return std::chrono::duration<double, std::micro>(duration).count();
}

// A line of /proc/self/status, in bytes.
std::size_t memory(const std::string& name)
{
    std::ifstream status{"/proc/self/status"};
    for (std::string key; status >> key;) {
        if (key == name + ":") {
            std::size_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes << 10U;
        }
    }
    throw std::runtime_error("no " + name);
}

void forget_peak()
{
    std::ofstream{"/proc/self/clear_refs"} << 5;
}

int run(const std::string& who, const Load& load)
{
    const std::map<std::string, std::function<Measured(const Load&)>, std::less<>> contenders{
        {"curl-get", get_by_curl}, {"curl-list", list_by_curl},
        {"sdk-get", get_by_sdk},   {"sdk-get-blocking", get_by_blocking_sdk},
        {"sdk-list", list_by_sdk},
    };
    const auto& contender = contenders.at(who);
    if (!who.ends_with("list")) {
        Load warm_up = load;
        warm_up.total = std::max<std::size_t>(load.in_flight, load.total / 20);
        static_cast<void>(contender(warm_up));
    }
    const std::size_t before = memory("VmRSS");
    forget_peak();
    Measured measured = contender(load);
    const std::size_t peak = memory("VmHWM") - before;
    std::ranges::sort(measured.each);
    std::cout << boost::json::object{{"requests_per_second", static_cast<double>(measured.each.size()) * 1e6 /
                                                                 microseconds(measured.all)},
                                     {"median_us", microseconds(measured.each[measured.each.size() / 2])},
                                     {"peak_bytes", peak}}
              << '\n';
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc != 6) {
            throw std::invalid_argument("usage: sdk_bench WHO BASE_URL HOST_ID IN_FLIGHT TOTAL");
        }
        curl_global_init(CURL_GLOBAL_DEFAULT);
        Load load;
        load.base_url = argv[2];
        load.host_id = argv[3];
        load.in_flight = std::stoul(argv[4]);
        load.total = std::stoul(argv[5]);
        return run(argv[1], load);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sdk_bench: %s\n", error.what());
        return 2;
    }
}
