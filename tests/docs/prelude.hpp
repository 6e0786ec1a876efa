#pragma once

#include <drukbox/drukbox.hpp>
#include <drukbox/litterbox/litterbox.hpp>
#include <drukbox/testing/testing.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <iostream>
#include <string>
#include <utility>

// What the documentation's pieces of code speak of without saying what it is.

using namespace std::chrono_literals;

extern drukbox::SandboxAPI sandbox;
extern drukbox::SandboxConfig config;
extern drukbox::CreateHostRequest request;
extern drukbox::SandboxHost host;
extern boost::asio::io_context io;
extern boost::asio::steady_timer timer;
extern const std::string id;
extern const std::string token;
extern const std::string secret;
