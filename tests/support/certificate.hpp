#pragma once

#include "support/temporary_directory.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace drukbox::test {

/// A certificate of its own making for `localhost`, and its key, in files that go with this object.
class Certificate
{
public:
    Certificate()
    {
        const std::string make =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
            "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
            key().string() + " -out " + file().string() + " >/dev/null 2>&1";
        if (std::system(make.c_str()) != 0) {
            throw std::runtime_error("openssl made no certificate");
        }
    }

    [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "certificate.pem"; }

    [[nodiscard]] std::filesystem::path key() const { return directory_.path() / "key.pem"; }

private:
    TemporaryDirectory directory_;
};

} // namespace drukbox::test
